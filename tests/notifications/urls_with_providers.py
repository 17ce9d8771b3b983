"""The site's addresses as they are when a mail provider is configured; here several at once."""

from yaydoc.urls import tracking_urls
from yaydoc.urls import urlpatterns as of_the_site

SECRET = "yaydoc:correct-horse-battery"
urlpatterns = [
    *(
        pattern
        for provider in ("mailgun", "postmark", "brevo", "sparkpost")
        for pattern in tracking_urls(provider, [SECRET])
    ),
    *of_the_site,
]
