"""Choosers of Wagtail's administration without their inline script, which the content policy forbids.

Wagtail renders `<script>new PageChooser("id", {…})</script>` behind each chooser of a form. Here a `template` element
says the same, and static/js/admin/start-widgets.js reads it. The date widgets and inline panels have their script in
templates, which templates/wagtailadmin/ overrides; choosers have it in Python, so that this one method is replaced.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail.admin.widgets import BaseChooser


def render_chooser(
    self: BaseChooser, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
) -> SafeString:
    """In the place of BaseChooser.render. `attrs` must have the `id`, as there."""
    element = (attrs or {})["id"]
    try:
        value_data = self.get_value_data(value)
    except (ValueError, TypeError):  # nonsense in a form that comes back with its message: nothing is chosen
        value_data = None
    return format_html(
        '{}<template data-starts="{}" data-arguments="{}"></template>',
        self.render_html(name, value_data, attrs),
        self.js_constructor,
        json.dumps([element, self.get_js_init_options(element, name, value_data)]),
    )


def install() -> None:
    """Called once, when the apps are ready."""
    BaseChooser.render = render_chooser
