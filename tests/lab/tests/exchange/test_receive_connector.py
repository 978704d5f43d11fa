# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get-, New-, Set- and Remove-ReceiveConnector as a caller sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from exchange_lab.powershell.engine import StatementFailed
from exchange_lab.powershell.objects import property_of, text_of

TASKS = "Microsoft.Exchange.Management.SystemConfigurationTasks."


def value(thing: Any, name: str) -> Any:
    """A property as plain text, or a list of texts."""
    found = property_of(thing, name)
    return [text_of(item) for item in found] if isinstance(found, list) else text_of(found)


def refused(shell: Any, name: str, **parameters: Any) -> Any:
    """The terminating error of a call that does not even begin."""
    with pytest.raises(StatementFailed) as caught:
        shell.run(name, **parameters)
    return caught.value.failure


class TestNew:
    def test_a_new_connector_has_what_was_given_and_defaults(self, shell: Any) -> None:
        made = shell.connector(Fqdn="relay.lab.example", PermissionGroups="AnonymousUsers", MaxMessageSize="10MB")
        assert text_of(made) == "EX01\\Relay"
        assert value(made, "Bindings") == ["10.0.0.5:25"]
        assert value(made, "RemoteIPRanges") == ["192.0.2.7"]
        assert value(made, "Fqdn") == "relay.lab.example"
        assert value(made, "PermissionGroups") == "AnonymousUsers"
        assert value(made, "AuthMechanism") == "Tls"
        assert value(made, "MaxMessageSize") == "10 MB (10,485,760 bytes)"
        assert value(made, "ConnectionTimeout") == "00:10:00"
        assert value(made, "TransportRole") == "FrontendTransport"
        assert value(made, "DistinguishedName").startswith("CN=Relay,CN=SMTP Receive Connectors,CN=Protocols,CN=EX01,")
        assert value(made, "OriginatingServer") == "DC01.lab.example"

    def test_what_is_read_is_what_new_gave(self, shell: Any) -> None:
        made = shell.connector()
        assert {name: value(made, name) for name in ("Guid", "Identity", "Name", "WhenCreated")} == {
            name: value(shell.read(), name) for name in ("Guid", "Identity", "Name", "WhenCreated")
        }

    @pytest.mark.parametrize(
        ("usage", "mechanisms", "groups"),
        [
            ("Custom", "Tls", "None"),
            ("Internet", "Tls", "AnonymousUsers"),
            ("Internal", "Tls, ExchangeServer", "ExchangeServers, ExchangeLegacyServers"),
            ("Client", "Tls, Integrated, BasicAuth, BasicAuthRequireTLS", "ExchangeUsers"),
            ("Partner", "Tls", "Partners"),
        ],
    )
    @pytest.mark.parametrize("form", ["switch", "value"])
    def test_a_usage_brings_its_defaults(self, shell: Any, usage: str, mechanisms: str, groups: str, form: str) -> None:
        chosen = {usage: ...} if form == "switch" else {"Usage": usage.lower()}
        made = shell.connector(**chosen)
        assert (value(made, "AuthMechanism"), value(made, "PermissionGroups")) == (mechanisms, groups)

    def test_usages_imply_bindings_and_ranges(self, shells: Callable[..., Any]) -> None:
        shell = shells("2010")
        internet = shell.run("New-ReceiveConnector", Name="a", Internet=..., Bindings="10.0.0.5:25")[0]
        client = shell.run("New-ReceiveConnector", Name="b", Client=..., RemoteIPRanges="192.0.2.0/24")[0]
        internal = shell.run("New-ReceiveConnector", Name="c", Internal=..., RemoteIPRanges="192.0.2.0/24")[0]
        assert value(internet, "RemoteIPRanges") == ["0.0.0.0-255.255.255.255"]
        assert value(client, "Bindings") == ["0.0.0.0:587"]
        assert value(internal, "Bindings") == ["0.0.0.0:25"]

    def test_usages_exclude_each_other(self, shell: Any) -> None:
        failure = refused(shell, "New-ReceiveConnector", Name="a", Internet=..., Usage="Custom", Bindings="10.0.0.5:25")
        assert failure.error_id == "AmbiguousParameterSet,New-ReceiveConnector"

    def test_custom_needs_bindings_and_ranges(self, shell: Any) -> None:
        failure = refused(shell, "New-ReceiveConnector", Name="a")
        assert failure.message.endswith("missing mandatory parameters: Bindings RemoteIPRanges.")

    def test_implied_parameters_can_be_refused(self, shells: Callable[..., Any]) -> None:
        shell = shells(implied_parameters="refused")
        given = {"Bindings": "10.0.0.5:25", "RemoteIPRanges": "192.0.2.7"}
        assert "Internet" not in shell.fail("New-ReceiveConnector", Name="a", Internet=..., **given).error_id

    def test_the_role_is_the_hub_when_nothing_is_said(self, shells: Callable[..., Any]) -> None:
        given = {"Name": "a", "Bindings": "10.0.0.5:25", "RemoteIPRanges": "192.0.2.7"}
        assert value(shells().run("New-ReceiveConnector", **given)[0], "TransportRole") == "HubTransport"
        other = shells(default_role="FrontendTransport")
        assert value(other.run("New-ReceiveConnector", **given)[0], "TransportRole") == "FrontendTransport"

    def test_a_name_is_unique_on_its_server(self, shells: Callable[..., Any]) -> None:
        shell = shells(server_names=["EX01", "EX02"])
        shell.connector()
        given = {"Name": "RELAY", "Bindings": "10.0.0.6:25", "RemoteIPRanges": "192.0.2.7"}
        assert shell.fail("New-ReceiveConnector", **given).reason == "ADObjectAlreadyExistsException"
        made = shell.run("New-ReceiveConnector", Server="ex02.lab.example", **given)[0]
        assert text_of(made) == "EX02\\RELAY"

    def test_a_name_has_at_most_64_characters(self, shell: Any) -> None:
        shell.connector("x" * 64)
        given = {"Bindings": "10.0.0.6:25", "RemoteIPRanges": "192.0.2.7"}
        assert "64" in shell.fail("New-ReceiveConnector", Name="y" * 65, **given).message

    def test_an_unknown_server_is_not_found(self, shell: Any) -> None:
        given = {"Bindings": "10.0.0.6:25", "RemoteIPRanges": "192.0.2.7"}
        failure = shell.fail("New-ReceiveConnector", Name="a", Server="EX09", **given)
        assert failure.message.startswith("The operation couldn't be performed because object 'EX09' couldn't be found")

    def test_an_empty_list_is_refused(self, shell: Any) -> None:
        given = {"Name": "a", "Bindings": "10.0.0.6:25", "RemoteIPRanges": []}
        failure = refused(shell, "New-ReceiveConnector", **given)
        assert (
            failure.message == "Cannot bind argument to parameter 'RemoteIPRanges' because it is an empty collection."
        )
        assert failure.error_id.startswith("ParameterArgumentValidationErrorEmptyCollectionNotAllowed,")
        shell.connector()
        assert "empty" in shell.fail("Set-ReceiveConnector", Identity="Relay", RemoteIPRanges=[]).message

    def test_bare_linefeed_rejection_belongs_to_set_alone(self, shell: Any) -> None:
        failure = refused(shell, "New-ReceiveConnector", Name="a", BareLinefeedRejectionEnabled=True)
        assert failure.error_id == "NamedParameterNotFound,New-ReceiveConnector"
        shell.connector()
        shell.run("Set-ReceiveConnector", Identity="EX01\\Relay", BareLinefeedRejectionEnabled=True)
        assert value(shell.read(), "BareLinefeedRejectionEnabled") == "True"

    def test_the_state_of_a_new_object_is_unknown(self, shells: Callable[..., Any]) -> None:
        assert value(shells().connector(), "ObjectState") == "Unchanged"
        assert value(shells(new_state="New").connector(), "ObjectState") == "New"

    def test_what_if_checks_and_changes_nothing(self, shell: Any) -> None:
        given = {"Bindings": "10.0.0.5:25", "RemoteIPRanges": "192.0.2.7"}
        assert shell.run("New-ReceiveConnector", Name="a", WhatIf=..., **given) == []
        assert len(shell.run("Get-ReceiveConnector")) == 5
        clash = shell.fail(
            "New-ReceiveConnector", Name="a", Bindings="0.0.0.0:25", RemoteIPRanges="192.0.2.7", WhatIf=...
        )
        assert "conflict" in clash.message


class TestErrors:
    def test_a_bad_value_names_parameter_value_and_type(self, shell: Any) -> None:
        failure = refused(shell, "Set-ReceiveConnector", Identity="EX01\\Relay", TlsCertificateName="<I><S>")
        assert failure.message == (
            "Cannot process argument transformation on parameter 'TlsCertificateName'. Cannot convert value \"<I><S>\" "
            'to type "Microsoft.Exchange.Data.SmtpX509Identifier". Error: ""<I><S>" isn\'t a valid Certificate '
            'Identifier."'
        )
        assert failure.category == "InvalidData"
        assert failure.error_id == "ParameterArgumentTransformationError,Set-ReceiveConnector"

    @pytest.mark.parametrize(
        ("parameter", "wrong"),
        [
            ("RemoteIPRanges", "192.168.1.300"),
            ("Bindings", "10.0.0.5"),
            ("Bindings", "10.0.0.5:70000"),
            ("MaxMessageSize", "many"),
            ("ConnectionTimeout", "ten minutes"),
            ("MaxHopCount", "x"),
            ("MaxProtocolErrors", "endless"),
            ("AuthMechanism", "Smoke"),
            ("PermissionGroups", "Everybody"),
            ("Fqdn", "not a domain"),
            ("Enabled", "yes"),
            ("TlsDomainCapabilities", "example.com"),
        ],
    )
    def test_values_of_the_wrong_form_do_not_convert(self, shell: Any, parameter: str, wrong: str) -> None:
        failure = refused(shell, "Set-ReceiveConnector", Identity="EX01\\Relay", **{parameter: wrong})
        assert failure.error_id == "ParameterArgumentTransformationError,Set-ReceiveConnector"
        assert f"'{parameter}'" in failure.message

    def test_an_error_of_the_cmdlet_carries_exchange_s_marks(self, shell: Any) -> None:
        failure = shell.fail("Set-ReceiveConnector", Identity="EX01\\gone", Enabled=False)
        assert failure.message == (
            "The operation couldn't be performed because object 'EX01\\gone' couldn't be found on 'DC01.lab.example'."
        )
        assert failure.category == "NotSpecified"
        assert failure.reason == "ManagementObjectNotFoundException"
        assert failure.error_id.startswith("[Server=EX01,RequestId=")
        assert "[FailureCategory=Cmdlet-ManagementObjectNotFoundException] " in failure.error_id
        assert failure.error_id.endswith(f",{TASKS}SetReceiveConnector")

    def test_objects_of_a_former_get_are_not_signed(self, shells: Callable[..., Any]) -> None:
        shell = shells(wire_shape="objects")
        ranges = property_of(shell.connector(), "RemoteIPRanges")
        given = {"Name": "copy", "Bindings": "10.0.0.6:25", "RemoteIPRanges": list(ranges)}
        failure = refused(shell, "New-ReceiveConnector", **given)
        assert "SerializationData is not signed" in failure.message


class TestGet:
    @pytest.mark.parametrize("form", ["Server\\Name", "Name", "DN", "GUID"])
    def test_every_form_of_identity_finds_it(self, shell: Any, form: str) -> None:
        made = shell.connector()
        identity = {
            "Server\\Name": "ex01\\RELAY",
            "Name": "relay",
            "DN": value(made, "DistinguishedName"),
            "GUID": value(made, "Guid"),
        }[form]
        assert [text_of(each) for each in shell.run("Get-ReceiveConnector", Identity=identity)] == ["EX01\\Relay"]

    def test_a_name_finds_the_connectors_of_all_servers(self, shells: Callable[..., Any]) -> None:
        shell = shells(server_names=["EX01", "EX02"])
        shell.connector()
        shell.connector(Server="EX02")
        assert len(shell.run("Get-ReceiveConnector", Identity="Relay")) == 2
        assert len(shell.run("Get-ReceiveConnector", Server="EX02")) == 6
        assert "multiple" in shell.fail("Set-ReceiveConnector", Identity="Relay", Enabled=False).message

    def test_identity_and_server_exclude_each_other(self, shell: Any) -> None:
        failure = refused(shell, "Get-ReceiveConnector", Identity="Relay", Server="EX01")
        assert failure.error_id == "AmbiguousParameterSet,Get-ReceiveConnector"

    def test_an_empty_identity_returns_everything(self, shell: Any) -> None:
        assert len(shell.run("Get-ReceiveConnector", Identity=None)) == 5
        assert len(shell.run("Get-ReceiveConnector", Identity="")) == 5

    @pytest.mark.parametrize(("choice", "found"), [("error", 0), ("nothing", 0), ("all", 5)])
    def test_what_an_absent_one_gives_is_unknown(self, shells: Callable[..., Any], choice: str, found: int) -> None:
        shell = shells(unknown_identity=choice)
        result = shell.pipe(shell.call("Get-ReceiveConnector", Identity="EX01\\gone"))
        assert len(result.objects) == found
        assert len(result.failures) == (choice == "error")

    def test_an_absent_one_is_logged_even_when_the_error_is_silenced(self, shell: Any) -> None:
        shell.run("Get-ReceiveConnector", Server="EX01")
        assert shell.organisation.event_log == []
        shell.run("Get-ReceiveConnector", Identity="EX01\\gone", ErrorAction="SilentlyContinue")
        [event] = shell.organisation.event_log
        assert (event.log, event.source, event.event_id) == ("MSExchange Management", "MSExchange CmdletLogs", 6)

    def test_a_server_can_be_piped_in(self, shells: Callable[..., Any]) -> None:
        shell = shells(server_names=["EX01", "EX02"])
        piped = shell.pipe(shell.call("Get-ExchangeServer", Identity="EX02"), shell.call("Get-ReceiveConnector"))
        assert {value(each, "Server") for each in piped.objects} == {"EX02"}

    def test_wildcards_match_names(self, shell: Any) -> None:
        assert len(shell.run("Get-ReceiveConnector", Identity="*frontend*")) == 3
        assert shell.run("Get-ReceiveConnector", Identity="nothing*") == []


class TestSet:
    def test_it_changes_what_is_given_and_nothing_else(self, shell: Any) -> None:
        shell.connector(Comment="before", MaxHopCount=20)
        assert shell.run("Set-ReceiveConnector", Identity="EX01\\Relay", Comment="after") == []
        assert (value(shell.read(), "Comment"), value(shell.read(), "MaxHopCount")) == ("after", "20")

    def test_a_plain_list_replaces(self, shell: Any) -> None:
        shell.connector(RemoteIPRanges=["192.0.2.7", "192.0.2.8"])
        shell.run("Set-ReceiveConnector", Identity="EX01\\Relay", RemoteIPRanges="192.0.2.9")
        assert value(shell.read(), "RemoteIPRanges") == ["192.0.2.9"]

    def test_a_hashtable_adds_and_removes(self, shell: Any) -> None:
        shell.connector(RemoteIPRanges=["192.0.2.7", "192.0.2.8"])
        change = {"Add": ["192.0.2.9", "10.0.0.0/24"], "remove": "192.0.2.7"}
        shell.run("Set-ReceiveConnector", Identity="EX01\\Relay", RemoteIPRanges=change)
        assert set(value(shell.read(), "RemoteIPRanges")) == {"192.0.2.8", "192.0.2.9", "10.0.0.0/24"}

    def test_a_hashtable_may_be_refused_remotely(self, shells: Callable[..., Any]) -> None:
        shell = shells(hashtable="refused")
        shell.connector()
        failure = refused(shell, "Set-ReceiveConnector", Identity="Relay", RemoteIPRanges={"Add": "192.0.2.9"})
        assert failure.error_id == "ParameterArgumentTransformationError,Set-ReceiveConnector"
        local = shells(hashtable="refused", remote=False)
        local.connector()
        local.run("Set-ReceiveConnector", Identity="Relay", RemoteIPRanges={"Add": "192.0.2.9"})

    @pytest.mark.parametrize(
        ("switch", "change"),
        [("add_present", {"Add": "192.0.2.7"}), ("remove_missing", {"Remove": "192.0.2.99"})],
    )
    def test_adding_twice_and_removing_nothing(self, shells: Callable[..., Any], switch: str, change: Any) -> None:
        easy, strict = shells(), shells(**{switch: "refused"})
        for shell in (easy, strict):
            shell.connector()
        easy.run("Set-ReceiveConnector", Identity="Relay", RemoteIPRanges=change)
        assert value(easy.read(), "RemoteIPRanges") == ["192.0.2.7"]
        assert strict.fail("Set-ReceiveConnector", Identity="Relay", RemoteIPRanges=change).category == "InvalidData"

    def test_repeated_ranges(self, shells: Callable[..., Any]) -> None:
        ranges = ["192.0.2.7", "192.0.2.7/32"]
        assert len(value(shells().connector(RemoteIPRanges=ranges), "RemoteIPRanges")) == 1
        given = {"Name": "a", "Bindings": "10.0.0.5:25", "RemoteIPRanges": ranges}
        assert "already present" in shells(repeated_values="refused").fail("New-ReceiveConnector", **given).message

    def test_the_order_of_a_list_is_not_kept(self, shell: Any) -> None:
        shell.connector(RemoteIPRanges=["192.168.4.17", "127.0.0.1"])
        assert value(shell.read(), "RemoteIPRanges") == ["127.0.0.1", "192.168.4.17"]

    def test_a_connector_is_renamed(self, shell: Any) -> None:
        made = shell.connector()
        shell.run("Set-ReceiveConnector", Identity="EX01\\Relay", Name="Printers, floor 2")
        renamed = shell.read("Printers, floor 2")
        assert value(renamed, "Guid") == value(made, "Guid")
        assert value(renamed, "DistinguishedName").startswith("CN=Printers\\, floor 2,CN=SMTP Receive Connectors,")
        shell.run("Set-ReceiveConnector", Identity=value(renamed, "DistinguishedName"), Enabled=False)
        clash = shell.fail("Set-ReceiveConnector", Identity="Printers, floor 2", Name="Default Frontend EX01")
        assert clash.reason == "ADObjectAlreadyExistsException"

    def test_no_change_is_a_warning(self, shell: Any) -> None:
        shell.connector(Comment="x")
        assert (
            "no settings of 'EX01\\Relay' have been modified"
            in (shell.warnings("Set-ReceiveConnector", Identity="EX01\\Relay", Comment="x")[0])
        )

    def test_a_connector_can_be_piped_or_given_as_an_object(self, shell: Any) -> None:
        made = shell.connector()
        shell.run("Set-ReceiveConnector", Identity=made, Comment="object")
        assert value(shell.read(), "Comment") == "object"
        shell.pipe(
            shell.call("Get-ReceiveConnector", Identity="Relay"), shell.call("Set-ReceiveConnector", Comment="piped")
        )
        assert value(shell.read(), "Comment") == "piped"

    def test_null_empties_what_can_be_empty(self, shell: Any) -> None:
        shell.connector(Banner="220 hello", TlsCertificateName="<I>CN=a<S>CN=b", Comment="x")
        shell.run("Set-ReceiveConnector", Identity="Relay", Banner=None, TlsCertificateName=None, Comment=None)
        read = shell.read()
        assert (value(read, "Banner"), property_of(read, "TlsCertificateName"), value(read, "Comment")) == (
            "",
            None,
            "",
        )

    @pytest.mark.parametrize(
        ("parameter", "given", "read"),
        [
            ("MaxMessageSize", "37748736", "36 MB (37,748,736 bytes)"),
            ("MaxMessageSize", "35mb", "35 MB (36,700,160 bytes)"),
            ("MaxMessageSize", "36 MB (37,748,736 bytes)", "36 MB (37,748,736 bytes)"),
            ("MaxHeaderSize", 131072, "128 KB (131,072 bytes)"),
            ("ConnectionTimeout", "1.00:00:00", "1.00:00:00"),
            ("ConnectionTimeout", "0:20", "00:20:00"),
            ("MaxProtocolErrors", "unlimited", "Unlimited"),
            ("MaxProtocolErrors", "7", "7"),
            ("SizeEnabled", "enabledwithoutvalue", "EnabledWithoutValue"),
            ("ProtocolLoggingLevel", 1, "Verbose"),
            ("AuthMechanism", "tls, integrated", "Tls, Integrated"),
            ("AuthMechanism", ["Integrated", "TLS"], "Tls, Integrated"),
            ("PermissionGroups", 3, "AnonymousUsers, ExchangeUsers"),
            ("MessageRateSource", "all", "All"),
            ("TlsDomainCapabilities", ["example.com:acceptoorgprotocol"], ["example.com:AcceptOorgProtocol"]),
            ("DefaultDomain", "lab.example", "lab.example"),
            ("Bindings", ["[::1]:25", "10.0.0.5:2525"], ["10.0.0.5:2525", "[::1]:25"]),
            ("Bindings", "[FE80:0::5%3]:25", ["[fe80::5%3]:25"]),
        ],
    )
    def test_values_in_every_form(self, shell: Any, parameter: str, given: Any, read: Any) -> None:
        shell.connector()
        shell.run("Set-ReceiveConnector", Identity="Relay", **{parameter: given})
        assert value(shell.read(), parameter) == read


class TestRemove:
    def test_it_asks_unless_told_not_to(self, shell: Any) -> None:
        shell.connector()
        failure = refused(shell, "Remove-ReceiveConnector", Identity="EX01\\Relay")
        assert "user interaction" in failure.message
        assert len(shell.run("Get-ReceiveConnector")) == 6
        shell.run("Remove-ReceiveConnector", Identity="EX01\\Relay", Confirm=False)
        assert len(shell.run("Get-ReceiveConnector")) == 5

    def test_an_absent_one_is_an_error(self, shell: Any) -> None:
        assert "couldn't be found" in shell.fail("Remove-ReceiveConnector", Identity="gone", Confirm=False).message


class TestVersions:
    @pytest.mark.parametrize(
        ("parameter", "since"),
        [
            ("TlsDomainCapabilities", "2010"),
            ("MessageRateSource", "2010"),
            ("ExtendedProtectionPolicy", "2010"),
            ("MaxAcknowledgementDelay", "2010"),
            ("TransportRole", "2013"),
            ("TlsCertificateName", "2013"),
            ("ServiceDiscoveryFqdn", "2013"),
            ("AuthTarpitInterval", "2016"),
            ("RejectSingleLabelRecipientDomains", "2016"),
        ],
    )
    def test_a_parameter_exists_from_its_version_on(
        self, shells: Callable[..., Any], parameter: str, since: str
    ) -> None:
        for version in ("2007", "2010", "2013", "2016", "2019", "se"):
            shell = shells(version)
            new = shell.organisation.cmdlets("EX01", "LAB\\Administrator")["New-ReceiveConnector"]
            there = version == "se" or version >= since
            assert (parameter in {each.name for each in new.parameters}) is there
            assert (property_of(shell.run("Get-ReceiveConnector")[0], "Name") is not None) is True
            names = [name.name for name in shell.run("Get-ReceiveConnector")[0].PSObject.adapted_properties]
            assert (parameter in names) is there

    @pytest.mark.parametrize("version", ["2007", "2010", "2013", "2016", "2019", "se", "edge"])
    def test_the_whole_round_in_every_version(self, shells: Callable[..., Any], version: str) -> None:
        shell = shells(version)
        made = shell.connector(PermissionGroups="AnonymousUsers")
        shell.run("Set-ReceiveConnector", Identity="EX01\\Relay", RemoteIPRanges=["192.0.2.8"])
        assert value(shell.read(), "RemoteIPRanges") == ["192.0.2.8"]
        controller = value(made, "OriginatingServer")
        assert controller == ("localhost" if version == "edge" else "DC01.lab.example")
        shell.run("Remove-ReceiveConnector", Identity="EX01\\Relay", Confirm=False)

    def test_edge_knows_neither_controller_nor_role_nor_client(self, shells: Callable[..., Any]) -> None:
        shell = shells("edge")
        given = {"Name": "a", "Bindings": "10.0.0.5:25", "RemoteIPRanges": "192.0.2.7"}
        missing = refused(shell, "New-ReceiveConnector", DomainController="DC01", **given)
        assert missing.error_id == "NamedParameterNotFound,New-ReceiveConnector"
        assert "Edge" in shell.fail("New-ReceiveConnector", TransportRole="HubTransport", **given).message
        assert "Edge" in shell.fail("New-ReceiveConnector", Client=..., **given).message
        assert "Edge" in shell.fail("New-ReceiveConnector", PermissionGroups="ExchangeLegacyServers", **given).message

    def test_documented_and_captured_defaults_differ(self, shells: Callable[..., Any]) -> None:
        captured, documented = shells().connector(), shells(new_defaults="documentation").connector()
        assert (value(captured, "MaxHopCount"), value(captured, "MaxLocalHopCount")) == ("60", "5")
        assert (value(documented, "MaxHopCount"), value(documented, "MaxLocalHopCount")) == ("30", "8")
