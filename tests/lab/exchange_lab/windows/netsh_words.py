# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words that netsh prints, by display language. Layout and order are the same in each, the words are not.

English is what public transcripts show (netsh interface ipv4 show ipaddresses level=verbose, show addresses, dump);
German and French follow Windows' usual terms in the same layout, as nobody has published whole transcripts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """One language; ``rows`` are the seven labels of a verbose address, ``settings`` those of show addresses."""

    heading: str
    rows: tuple[str, str, str, str, str, str, str]
    states: Mapping[str, str]
    types: Mapping[str, str]
    infinite: str
    true: str
    false: str
    configuration: str
    settings: tuple[str, str, str, str, str, str]
    mask: str
    yes: str
    no: str
    columns: tuple[str, str, str, str, str]
    connected: str
    disconnected: str
    routes: tuple[str, str, str, str, str, str]
    title: str
    end: str
    loopback: str
    not_found: str
    exists: str
    bad_argument: str
    usage: str


ENGLISH = Words(
    heading="Address {} Parameters",
    rows=(
        "Interface Luid",
        "Scope Id",
        "Valid Lifetime",
        "Preferred Lifetime",
        "DAD State",
        "Address Type",
        "Skip as Source",
    ),
    states={"Preferred": "Preferred", "Tentative": "Tentative", "Duplicate": "Duplicate", "Invalid": "Invalid"},
    types={"Manual": "Manual", "Dhcp": "Dhcp", "WellKnown": "Other"},
    infinite="infinite",
    true="true",
    false="false",
    configuration='Configuration for interface "{}"',
    settings=("DHCP enabled", "IP Address", "Subnet Prefix", "Default Gateway", "Gateway Metric", "InterfaceMetric"),
    mask="mask",
    yes="Yes",
    no="No",
    columns=("Idx", "Met", "MTU", "State", "Name"),
    connected="connected",
    disconnected="disconnected",
    routes=("Publish", "Type", "Met", "Prefix", "Idx", "Gateway/Interface Name"),
    title="IPv{} Configuration",
    end="End of IPv{} configuration",
    loopback="Loopback Pseudo-Interface 1",
    not_found="Element not found.",
    exists="The object already exists.",
    bad_argument="{} is not an acceptable value for {}.",
    usage="Usage: add address [name=]<string>",
)
GERMAN = Words(
    heading="Adresse {} Parameter",
    rows=(
        "Schnittstellen-LUID",
        "Bereichs-ID",
        "Gültigkeitsdauer",
        "Bevorzugte Gültigkeitsdauer",
        "DAD-Status",
        "Adresstyp",
        "Als Quelle überspringen",
    ),
    states={"Preferred": "Bevorzugt", "Tentative": "Vorläufig", "Duplicate": "Doppelt", "Invalid": "Ungültig"},
    types={"Manual": "Manuell", "Dhcp": "DHCP", "WellKnown": "Andere"},
    infinite="infinite",
    true="wahr",
    false="falsch",
    configuration='Konfiguration der Schnittstelle "{}"',
    settings=(
        "DHCP aktiviert",
        "IP-Adresse",
        "Subnetzpräfix",
        "Standardgateway",
        "Gatewaymetrik",
        "Schnittstellenmetrik",
    ),
    mask="Maske",
    yes="Ja",
    no="Nein",
    columns=("Idx", "Met", "MTU", "Status", "Name"),
    connected="verbunden",
    disconnected="getrennt",
    routes=("Veröff.", "Typ", "Met", "Präfix", "Idx", "Gateway/Schnittstelle"),
    title="IPv{}-Konfiguration",
    end="Ende der IPv{}-Konfiguration",
    loopback="Loopback Pseudo-Interface 1",
    not_found="Element nicht gefunden.",
    exists="Das Objekt ist bereits vorhanden.",
    bad_argument="{} ist kein gültiger Wert für {}.",
    usage="Syntax: add address [name=]<Zeichenfolge>",
)
FRENCH = Words(
    heading="Paramètres Adresse {}",
    rows=(
        "LUID interface",
        "ID d'étendue",
        "Durée de vie valide",
        "Durée de vie préférée",
        "État DAD",
        "Type d'adresse",
        "Ignorer comme source",
    ),
    states={"Preferred": "Préférée", "Tentative": "Provisoire", "Duplicate": "Dupliquée", "Invalid": "Non valide"},
    types={"Manual": "Manuel", "Dhcp": "DHCP", "WellKnown": "Autre"},
    infinite="infinite",
    true="vrai",
    false="faux",
    configuration='Configuration de l\'interface "{}"',
    settings=(
        "DHCP activé",
        "Adresse IP",
        "Préfixe de sous-réseau",
        "Passerelle par défaut",
        "Métrique de passerelle",
        "Métrique d'interface",
    ),
    mask="masque",
    yes="Oui",
    no="Non",
    columns=("Idx", "Mét", "MTU", "État", "Nom"),
    connected="connecté",
    disconnected="déconnecté",
    routes=("Publier", "Type", "Mét", "Préfixe", "Idx", "Nom passerelle/interface"),
    title="Configuration IPv{}",
    end="Fin de la configuration IPv{}",
    loopback="Loopback Pseudo-Interface 1",
    not_found="Élément introuvable.",
    exists="L'objet existe déjà.",
    bad_argument="{} n'est pas une valeur acceptable pour {}.",
    usage="Utilisation : add address [name=]<chaîne>",
)
LANGUAGES = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH}
