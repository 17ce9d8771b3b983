"""allauth's forms in our words: labels say what a field is, so no placeholder has to."""

from typing import Any

from allauth.account import forms
from django.forms import BaseForm

LABELS = {
    "login": "User name or e-mail",
    "email": "E-mail",
    "username": "User name",
    "password1": "Password",
    "password2": "Password again",
    "oldpassword": "Current password",
}


class InOurWords(BaseForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = LABELS.get(name, field.label)


class LoginForm(InOurWords, forms.LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""  # the page links to the reset itself


class SignupForm(InOurWords, forms.SignupForm):  # type: ignore[misc]
    pass


class ResetPasswordForm(InOurWords, forms.ResetPasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordKeyForm(InOurWords, forms.ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class ChangePasswordForm(InOurWords, forms.ChangePasswordForm):  # type: ignore[misc]
    pass


class SetPasswordForm(InOurWords, forms.SetPasswordForm):  # type: ignore[misc]
    pass


class AddEmailForm(InOurWords, forms.AddEmailForm):  # type: ignore[misc]
    pass
