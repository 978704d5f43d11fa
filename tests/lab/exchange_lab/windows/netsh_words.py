# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words that netsh prints, by display language. Layout and order are the same in each, the words are not.

English is what public transcripts show (netsh interface ipv4 show ipaddresses level=verbose, show addresses, dump);
the others follow Windows' usual terms in the same layout, as nobody has published whole transcripts. Hebrew has the
marks for writing from left to right around an address.
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
    types={"Manual": "Manual", "Dhcp": "Dhcp", "WellKnown": "Other", "RouterAdvertisement": "Public"},
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
    types={"Manual": "Manuell", "Dhcp": "DHCP", "WellKnown": "Andere", "RouterAdvertisement": "Öffentlich"},
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
    types={"Manual": "Manuel", "Dhcp": "DHCP", "WellKnown": "Autre", "RouterAdvertisement": "Public"},
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
JAPANESE = Words(
    heading="アドレス {} のパラメーター",
    rows=(
        "インターフェイス LUID",
        "スコープ ID",
        "有効期間",
        "推奨有効期間",
        "DAD の状態",
        "アドレスの種類",
        "ソースとしてスキップ",
    ),
    states={"Preferred": "推奨", "Tentative": "仮", "Duplicate": "重複", "Invalid": "無効"},
    types={"Manual": "手動", "Dhcp": "DHCP", "WellKnown": "その他", "RouterAdvertisement": "パブリック"},
    infinite="無限",
    true="真",
    false="偽",
    configuration='インターフェイス "{}" の構成',
    settings=(
        "DHCP 有効",
        "IP アドレス",
        "サブネット プレフィックス",
        "デフォルト ゲートウェイ",
        "ゲートウェイ メトリック",
        "インターフェイス メトリック",
    ),
    mask="マスク",
    yes="はい",
    no="いいえ",
    columns=("Idx", "Met", "MTU", "状態", "名前"),
    connected="接続",
    disconnected="切断",
    routes=("発行", "種類", "Met", "プレフィックス", "Idx", "ゲートウェイ/インターフェイス名"),
    title="IPv{} 構成",
    end="IPv{} 構成の最後",
    loopback="Loopback Pseudo-Interface 1",
    not_found="要素が見つかりません。",
    exists="オブジェクトは既に存在します。",
    bad_argument="{} は {} に使用できる値ではありません。",
    usage="使用法: add address [name=]<文字列>",
)
# its words for yes and no, and those for true and false, are of one length each, so that a code page that lacks the
# letters turns them into the same question marks
HEBREW = Words(
    heading="פרמטרי כתובת \u200e{}\u200e",
    rows=(
        "LUID של ממשק",
        "מזהה טווח",
        "משך חיים חוקי",
        "משך חיים מועדף",
        "מצב DAD",
        "סוג כתובת",
        "דלג כמקור",
    ),
    states={"Preferred": "מועדף", "Tentative": "ארעי", "Duplicate": "כפול", "Invalid": "לא חוקי"},
    types={"Manual": "ידני", "Dhcp": "DHCP", "WellKnown": "אחר", "RouterAdvertisement": "ציבורי"},
    infinite="אינסופי",
    true="כן",
    false="לא",
    configuration='תצורה עבור ממשק "{}"',
    settings=(
        "DHCP מופעל",
        "כתובת IP",
        "קידומת רשת משנה",
        "שער ברירת מחדל",
        "מדד שער",
        "מדד ממשק",
    ),
    mask="מסיכה",
    yes="כן",
    no="לא",
    columns=("Idx", "Met", "MTU", "מצב", "שם"),
    connected="מחובר",
    disconnected="מנותק",
    routes=("פרסום", "סוג", "Met", "קידומת", "Idx", "שם שער/ממשק"),
    title="תצורת IPv{}",
    end="סוף תצורת IPv{}",
    loopback="Loopback Pseudo-Interface 1",
    not_found="הרכיב לא נמצא.",
    exists="האובייקט כבר קיים.",
    bad_argument="{} אינו ערך קביל עבור {}.",
    usage="שימוש: add address [name=]<מחרוזת>",
)
RUSSIAN = Words(
    heading="Параметры адреса {}",
    rows=(
        "LUID интерфейса",
        "ИД области",
        "Срок действия",
        "Предпочтительный срок",
        "Состояние DAD",
        "Тип адреса",
        "Пропускать как источник",
    ),
    states={
        "Preferred": "Предпочитаемый",
        "Tentative": "Пробный",
        "Duplicate": "Повторяющийся",
        "Invalid": "Недопустимый",
    },
    types={"Manual": "Вручную", "Dhcp": "DHCP", "WellKnown": "Другой", "RouterAdvertisement": "Общий"},
    infinite="бесконечно",
    true="истина",
    false="ложь",
    configuration='Конфигурация интерфейса "{}"',
    settings=(
        "DHCP включен",
        "IP-адрес",
        "Префикс подсети",
        "Основной шлюз",
        "Метрика шлюза",
        "Метрика интерфейса",
    ),
    mask="маска",
    yes="Да",
    no="Нет",
    columns=("Инд", "Мет", "MTU", "Состояние", "Имя"),
    connected="подключено",
    disconnected="отключено",
    routes=("Публ", "Тип", "Мет", "Префикс", "Инд", "Шлюз/имя интерфейса"),
    title="Конфигурация IPv{}",
    end="Конец конфигурации IPv{}",
    loopback="Loopback Pseudo-Interface 1",
    not_found="Элемент не найден.",
    exists="Объект уже существует.",
    bad_argument="{} не является допустимым значением для {}.",
    usage="Применение: add address [name=]<строка>",
)
LANGUAGES = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "ja": JAPANESE, "ru": RUSSIAN, "he": HEBREW}
