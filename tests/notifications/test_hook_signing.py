"""Signatures, against the examples of the specification and of its reference libraries."""

import base64

import pytest

from notifications.hooks.signing import headers, new_secret, signature

BODY = b'{"test": 2432232314}'
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"


def test_a_signature_is_that_of_the_reference_libraries():
    """Source: standard-webhooks/standard-webhooks, libraries/python/tests/test_webhooks.py, test_sign_function."""
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    assert signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", MESSAGE, 1614265330, BODY) == expected


@pytest.mark.parametrize(
    "changed",
    [("msg_other", 1614265330, BODY), (MESSAGE, 1614265331, BODY), (MESSAGE, 1614265330, BODY + b" ")],
)
def test_id_timestamp_and_body_are_all_signed(changed):
    secret = new_secret()
    assert signature(secret, *changed) != signature(secret, MESSAGE, 1614265330, BODY)


def test_a_secret_has_the_form_and_the_length_that_the_specification_asks_for():
    secrets = {new_secret() for _ in range(10)}
    assert len(secrets) == 10
    for secret in secrets:
        assert secret.startswith("whsec_")
        assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64


def test_each_secret_signs_and_signatures_are_parted_by_a_space():
    first, second = new_secret(), new_secret()
    assert headers([first, second], MESSAGE, 1614265330, BODY) == {
        "webhook-id": MESSAGE,
        "webhook-timestamp": "1614265330",
        "webhook-signature": " ".join(signature(secret, MESSAGE, 1614265330, BODY) for secret in (first, second)),
    }
