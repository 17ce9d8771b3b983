"""What gunicorn serves: the application and, on its own host name, the published pages."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yaydoc.settings")

application = get_wsgi_application()
