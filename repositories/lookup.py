"""A repository by its address, for one user. What is missing and what is not shown are the same 404."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.shortcuts import get_object_or_404

from repositories.models import Repository

User = AbstractBaseUser | AnonymousUser


def visible_or_404(user: User, owner: str, name: str) -> Repository:
    repository: Repository = get_object_or_404(Repository.objects.visible_to(user).named(f"{owner}/{name}"))
    return repository


def may_change(user: User, repository: Repository) -> bool:
    return bool(Repository.objects.changeable_by(user).filter(pk=repository.pk).exists())


def changeable_or_404(user: User, owner: str, name: str) -> Repository:
    repository: Repository = get_object_or_404(Repository.objects.changeable_by(user).named(f"{owner}/{name}"))
    return repository
