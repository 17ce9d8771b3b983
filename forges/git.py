"""Deliveries to a repository whose forge we don't know: from a script, or from a forge that speaks GitHub's form.

Signed as GitHub signs (`X-Hub-Signature-256`); the body is a push in GitHub's shape, of which `ref`, `after` and
`repository.id` are required. Gitea and Forgejo send that form as well, so they work unnamed.
"""

from forges import github

verify = github.verify_signature
event = github.event
delivery_id = github.delivery_id
parse = github.parse
