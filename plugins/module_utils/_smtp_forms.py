# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The address forms that tests for open relays use. Private to the relayops.exchange collection."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """One way to name the recipient or the sender; ``{…}`` is filled in with what the probe knows.

    ``proves`` tells whether an accepted recipient means that mail would leave: it does not where the outside address
    hides in the local part of an address that may be the server's own, since Exchange takes a local part literally.
    """

    name: str
    recipient: str
    sender: str = "{sender}"
    proves: bool = True


FORMS = (
    Form("null_sender", "<{user}@{domain}>", "<>"),
    Form("sender_without_domain", "<{user}@{domain}>", "<postmaster>"),
    Form("sender_at_server_name", "<{user}@{domain}>", "<postmaster@{server}>"),
    Form("sender_at_address_literal", "<{user}@{domain}>", "<postmaster@{literal}>"),
    Form("sender_in_local_domain", "<{user}@{domain}>", "<postmaster@{local}>"),
    Form("sender_is_recipient", "<{user}@{domain}>", "<{user}@{domain}>"),
    Form("without_brackets", "{user}@{domain}"),
    Form("source_route", "<@{server}:{user}@{domain}>"),
    Form("source_route_literal", "<@{literal}:{user}@{domain}>"),
    Form("source_route_local_domain", "<@{local}:{user}@{domain}>"),
    Form("percent_hack", "<{user}%{domain}@{server}>", proves=False),
    Form("percent_hack_literal", "<{user}%{domain}@{literal}>", proves=False),
    Form("percent_hack_local_domain", "<{user}%{domain}@{local}>", proves=False),
    Form("percent_hack_without_domain", "<{user}%{domain}>", proves=False),
    Form("bang_path", "<{domain}!{user}>", proves=False),
    Form("bang_path_at_server", "<{domain}!{user}@{server}>", proves=False),
    Form("bang_path_literal", "<{domain}!{user}@{literal}>", proves=False),
    Form("bang_path_local_domain", "<{domain}!{user}@{local}>", proves=False),
    Form("quoted_local_part", '<"{user}@{domain}">', proves=False),
    Form("quoted_percent_hack", '<"{user}%{domain}">', proves=False),
    Form("quoted_local_part_at_server", '<"{user}@{domain}"@{server}>', proves=False),
    Form("quoted_local_part_literal", '<"{user}@{domain}"@{literal}>', proves=False),
    Form("quoted_local_part_local_domain", '<"{user}@{domain}"@{local}>', proves=False),
    Form("mixed_domains", "<{user}@{domain}@{server}>", proves=False),
    Form("mixed_domains_literal", "<{user}@{domain}@{literal}>", proves=False),
    Form("mixed_domains_local_domain", "<{user}@{domain}@{local}>", proves=False),
)


def fill(recipient: str, sender: str, known: dict[str, str]) -> list[tuple[Form, str, str]]:
    """Return form, sender and recipient as they go into the commands.

    ``known`` holds server, literal and local; forms that need one which is empty are left out.
    """
    user, _ignored, domain = recipient.rpartition("@")
    words = dict(known, user=user, domain=domain, sender=f"<{sender}>")
    missing = ["{" + name + "}" for name, value in words.items() if not value]
    filled = []
    for form in FORMS:
        if not any(word in form.recipient + form.sender for word in missing):
            filled.append((form, form.sender.format(**words), form.recipient.format(**words)))
    return filled
