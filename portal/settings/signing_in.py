"""People and signing in: what is the same for every site. What the environment says of it stands in `base`."""

from __future__ import annotations

AUTH_USER_MODEL = "members.User"
# One backend, which is allauth's: a second one would be a second way in that knows nothing of its limits.
AUTHENTICATION_BACKENDS = ["members.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["members.hashers.Argon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "portal.password_words.ContextWordsValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "members:overview"
ACCOUNT_ADAPTER = "members.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True  # one address, which another takes the place of (members.email_change)
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_TIMEOUT = 15 * 60
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS = {
    "add_email": "members.account_forms.AddEmailForm",
    "change_password": "members.account_forms.ChangePasswordForm",
    "confirm_login_code": "members.account_forms.ConfirmLoginCodeForm",
    "request_login_code": "members.account_forms.RequestLoginCodeForm",
    "reset_password": "members.account_forms.ResetPasswordForm",
    "reset_password_from_key": "members.account_forms.ResetPasswordKeyForm",
    "set_password": "members.account_forms.SetPasswordForm",
}
# Beside allauth's own limits. Those of a form count a known device by itself, and say when to try again
# (members.limits); in the first two places allauth's own, which do neither, are off.
ACCOUNT_RATE_LIMITS = {
    "reset_password": None,
    "request_login_code": None,
    "reset_for": "20/m/ip,5/h/key",
    "reset_mail": "5/h/key",
    "code_for": "20/m/ip,5/h/key",
    "code": "5/5m/key",
    "code_from_here": "20/m/ip",
    "apply": "20/h/ip,5/h/key",
    "apply_code": "60/h/ip",
    "comment": "20/h/user",
    "choose": "20/h/user",
    "zip": "120/h/user",  # each part that is fetched counts: a program may ask for sixteen of one zip at the same time
    "contribute": "100/h/user",
    "comment_draft": "20/h/ip",
    "contact": "10/h/ip,200/h/key",
    "search": "60/m/ip",
    "suggest": "240/m/ip",
    "own_data": "10/d/user",
    "stamp": "200/h/user",
    "subscribe": "20/h/ip,3/h/key,6/d/key",
    "private_feed": "60/h/key",
}
MFA_ADAPTER = "members.mfa_adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Finger, face or PIN each time: a passkey counts as both factors, so that the device alone must never do.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_TOLERANCE = 1  # half a minute early or late: telephones' clocks differ
# Nobody comes in without a confirmed address; one that is about to be confirmed hinders nobody from a second factor.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "activate_totp": "members.mfa_forms.ActivateTOTPForm",
    "add_webauthn": "members.mfa_forms.AddWebAuthnForm",
    "authenticate": "members.mfa_forms.AuthenticateForm",
    "authenticate_webauthn": "members.mfa_forms.AuthenticateWebAuthnForm",
    "edit_webauthn": "members.mfa_forms.EditWebAuthnForm",
    "login_webauthn": "members.mfa_forms.LoginWebAuthnForm",
    "reauthenticate": "members.mfa_forms.ReauthenticateForm",
    "reauthenticate_webauthn": "members.mfa_forms.ReauthenticateWebAuthnForm",
}
USERSESSIONS_TRACK_ACTIVITY = False  # it would write with each request
# Single sign-on: for people who exist here, by an address that the service says it has confirmed.
SOCIALACCOUNT_ADAPTER = "members.social_adapter.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False
SOCIALACCOUNT_STORE_TOKENS = False
# By a link: a form's answer may not lead to another site (`form-action`), and each answer must belong to its question.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = "oidc"
SESSION_ENGINE = "members.session_store"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # unless “Stay signed in” says otherwise
SESSION_COOKIE_AGE = 14 * 24 * 3600
