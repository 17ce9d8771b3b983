"""What the site's addresses are where the badges are not installed."""

from yaydoc import urls

urlpatterns = [pattern for pattern in urls.urlpatterns if getattr(pattern, "app_name", "") != "badges"]
