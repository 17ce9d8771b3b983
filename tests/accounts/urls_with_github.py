"""The site's addresses as they are when GitHub sign-in is configured."""

from django.urls import include, path

from yaydoc.urls import urlpatterns as of_the_site

urlpatterns = [path("accounts/", include("allauth.urls")), *of_the_site]
