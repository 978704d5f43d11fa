# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from exchange_lab.powershell.objects import clixml_of, property_of, ps_object, text_of

NONE = (["A.Mechanisms", "System.Enum", "System.ValueType", "System.Object"], {}, "None")


def test_object_has_its_shape_on_the_wire() -> None:
    made = ps_object(["A.B", "System.Object"], {"Name": "x", "Size": 3}, r"SRV\x", extended={"Host": "h"})
    assert clixml_of([made]) == (
        '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04"><Obj RefId="0">'
        '<TN RefId="0"><T>A.B</T><T>System.Object</T></TN><Props><S N="Name">x</S><I32 N="Size">3</I32></Props>'
        r'<MS><S N="Host">h</S></MS><ToString>SRV\x</ToString></Obj></Objs>'
    )


def test_enum_members_are_objects_of_their_own() -> None:
    other = ps_object(["A.Groups", "System.Enum"], {}, "None", value=0)
    clixml = clixml_of([ps_object(*NONE, value=0), ps_object(*NONE, value=0), other])
    assert clixml.count("<ToString>None</ToString>") == 3
    assert clixml.count("<I32>0</I32>") == 3
    assert clixml.count("<T>A.Groups</T>") == 1


def test_flags_text_survives() -> None:
    clixml = clixml_of([ps_object(["A.Flags", "System.Enum"], {}, "Tls, Integrated", value=3)])
    assert "<I32>3</I32>" in clixml
    assert "<ToString>Tls, Integrated</ToString>" in clixml


def test_list_holds_objects() -> None:
    entry = ps_object(["System.Net.IPEndPoint"], {"Port": 25}, "0.0.0.0:25")
    clixml = clixml_of([ps_object(["MVP`1[[IPBinding]]"], {}, items=[entry])])
    assert "<T>MVP`1[[IPBinding]]</T>" in clixml
    assert "<LST><Obj" in clixml
    assert "<ToString>0.0.0.0:25</ToString>" in clixml


def test_property_and_text() -> None:
    made = ps_object(["A"], {"Name": "x"}, "shown", extended={"Where": [1, "b"]})
    assert property_of(made, "name") == "x"
    assert text_of(property_of(made, "WHERE")) == "1 b"
    assert property_of(made, "missing") is None
    assert text_of(made) == "shown"
    assert text_of(ps_object(["E"], {}, "Tls", value=1)) == "Tls"
