# Copyright: (c) The relayops.exchange contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words that say nothing about whom a recording is of: all others are replaced when it is anonymised."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words of any text, which identify nobody wherever they are
FUNCTION = _words(
    """
    a an and are as at be but by can do does for from has have if in is it its may more no not of on only or other
    than that the their them then there these this to was were what when where which who will with within without
    you your
    """
)

# The parts of names that Exchange and Windows bring: cmdlets, parameters, properties, values, rights, containers
PRODUCT = _words(
    """
    31bf3856ad364e35 8bitmime absent accept acceptance acceptcloudservicesmail accepted acceptoorgprotocol access
    account accounts ace acknowledgement acl action active activity ad adapter add additional address addresses
    adlds admin admindisplayversion administrateurs administrative administrator admins adresse adresstyp advertise
    advertised advertisement advertising after age alias aliases alive all allow allowed already am ambiguous
    anmeldung anonyme anonymised anonymous anonymoustls ansible anti any anycast anyone anyrecipient anysender
    applied args argument arp array ascii assignee assignment attributes audit auth authenticated authentication
    authentifizierte authentifiés authoritative authority authorization auto automatic autorite autorität autorité
    autre availability available b77a5c561934e089 backend banner bare base base64 basic before benutzer bereichs
    bevorzugt big billing binary binarymime binding bindings bit blocked book bool boolean both bound
    boundparameters build bypass byte bytes cache cannot capabilities caption catalogs catch category certificate
    change changed child children chunking ci cidr cim cimv clamp class clear cleared client clients clixml close
    cloud cmdlet cmdletization cmdlets cn code codes coexistence collection collections com command commands comment
    common communication compartment complete completion component compress compressed computer config configurable
    configuration confirm conflict connect connected connection connections connectivity connector connectors
    consumer content context continue control controller controllers convert converter convertto copy count create
    created creation creator credential csv culture current custom customer dacl dad data datapath date days dc
    debug default definition delay delegation delete deleted delivery deny deployment deprecated depth desc
    descendents description descriptions deserialize deserialized dest destination detailed details detected
    detection device dhcp diagnostics directed directory disabled disconnected discovery display distance
    distinguished dll dn dns documentation dom domain domaincontroller domaine domains domänen down drive driver dsn
    dump duplex duplicate dynamic e2010 ecn edge edition ehlo eight element email empty enable enabled
    enablenego2authentication encoding end endpoint enhanced enhancedstatuscodes enterprise entreprise entry enum
    enumerations equal error erroraction errorcategory errordetails errors esmtp ethernet evaluation event eventing
    events everyone exact example exceeded exception exceptionid exch exch50 exchange exchangelegacyinterop
    exchangelegacyservers excluded exe execute exists expand expecting expired explicit export expression exps
    extended extendedright external externally failures falsch false family fast faux federated feedback fetch
    fetched ffff file files filter first fix fixe fixed flag flags flow folders force forest format forwarding found
    fqdn fraction front frontend full fullyqualified fullyqualifiedid fydibohf23spdlt gateway gatewaymetrik gb gbps
    generated generic get getmac getrennt given global gmt granted group groups gssapi guest guid gwmetric hardware
    hash hashtable header headers health helo help hidden hierarchy higher hop host hosts hours hub hygiene hyper id
    identifier identifying identity idx ignore iis inactivity inbound include index indices inetsrv inf infinite
    info information informational infrastructure inheritance inheritancetype inherited inherits initial input
    install installpath instance int int32 int64 integer integrated inter interface interfaces internal internet
    interop interval invalid invocation invoke ip ipaddresses ipv ipv4 ipv6 ise14orlater ise15orlater
    isexchange2007orlater iso isolation issuer item items iteration jeder job json kb keep kept key kind kmgt known
    konfiguration label lan lanid last later layer legacy length level lifetime limit line linefeed link list
    listing lists literal little live local localhost localized locked log logging logical logon logs lohi long
    loopback low lower lowest luid mac macs mail mailbox major managed management mandatory manual manuel manuell
    mapped marking mask maske masque master match matching max maximum mb mechanism mechanisms media medium member
    members message messaging met meta metadata metric mgmt mi microsoft milliseconds mime minor minutes missing
    mitigations mode module monde monitoring mp ms mscorlib msft mtu multi multicast mycommand name named names
    namespace native ncacn ncalrpc ndis nego neighbor net netbios netmask netsh network networkadapterconfiguration
    networks netzwerkdienst neutral new next nom none nothing notification nt ntlm null number object objects offset
    ok oorg oper operating operation operational orar order org organisation organisations organization
    organizational origin originating ou oui out outbound output ouverture overlapping owner parameter parameters
    params parent part partial partition partner partners password patch path pattern paused pending per percent
    percentage perimeter period permanent permission permissions persistent persistentstore physical pickup pipeline
    pipelinestate pipelining pm point policy popd port position power powers powershell preference preferred prefix
    presence present presentation primary principal private probe product profile program promiscuous promise
    properties property protection protocol protocollog protocols provider provisioned provisioning provisoire proxy
    ps pscomputername psedition pseudo psrp psshowcomputername public publier quantified query queue quit random
    range ranges rate raw rcpt rdn reachable reached read reader reading rebased receive received recipient
    recipients recommended record recording records recv reference refused register registering registration regular
    reject rejection relative relay relayops remaining remote removable removal remove replace replay reporting
    request requested require resent reserved reset restriction retransmit revision right rights role roles root
    route router routes routing rset runspace runspaceid runtime réseau scanner schema schnittstelle schnittstellen
    schnittstellenmetrik schéma scope script scsi second secondary seconds secure secured security select self send
    sender sense separated serialization serialize server servers service services session set setting settings
    shadow shell short show sid sids sig sign silently silentlycontinue single site sites size skip skipassource
    slave smart smtp smtputf8 smtputf8enabled snap snapin source space spaces spam span specific specified speed spp
    ssh stack stale stamp standard standardcimv2 standardgateway star starttls state stateful statement states
    static status stop stopped store string strings sub subdomains subject submit subnet subsystem success suffix
    support supported suppress switch synchronize sys system système tags target tarpit tasks tb tcp tcpip
    technology temporary tentative teredo test text thread throw thrown ticks time timeout timespan tls token top
    total tout trace transitioning transmission transmit transmits transport tree trial true trust trusted typ type
    types uint32 unbound unc unchanged unicast unified unit unknown unlimited unreachability up upper usage use user
    users utc utf utf7 utf8 utilisateurs v14 v15 valid validation validlifetime value valued values ver verbose
    verbunden version view virtual visibility vlan vrai wake warning wdm weak web weeks well win win32 windows winrm
    wol words write x500 xattr xexch50 xmessagecontext xml xproxyfrom xsessionparams xshadow xsysprobe yes
    """
)

# Further words of their messages; in a name or a comment they are replaced
MESSAGE = _words(
    """
    about acceptable accepts activ added addr addressing again als alt announced another answer application
    appropriate arguments around asked asking assigned attempting authenticate automation away batch because been
    begin belong below bereits between bind body bomb boundary bracket buffer ca came capability carried carries
    catalog causes chain channel char characters charset chcp check choose chunked closed closing cmd cmdlet
    codepage collected collide colon combination combined comme complete completed concurrent confirmation console
    consolemode construction contain container contains correct correctly could couldn cred credssp criteria cut db
    denial denied der described describes desired detail did different differs disable disjoint disrupted dmtf
    doctype doesn done double doubled duplicad each echo either elements else encoded encodedcommand encrypted ende
    endless endpoints ends engine entity entries enumerator envelope err est execution executionpolicy exist existe
    existing exit expected expr extension fail failed failure fault faut fin find following fully function garbled
    gave gefunden give gives gone grant grants hand hang having hello history hold holds hresult html http httpapi
    https icmpredirects identify idle ignorer implemented included incorrect inherit inner inputformat inquire
    installed instead interaction interactive introuvable inventory invokation io isn ist itself just kein kerberos
    keys knows lacks lang language large latin layout learning least leave left less let letters lies listen loading
    location longer machine made make makes man manage many matches mean means meant ment merge merging messages
    metabase modified most multipart multiple must mutual need needs negotiate neighbouring neighbours neither
    nested netaddr never nicht nobody nologo non noninteractive nonsense noprofile nor ntlm numbers objekt objet
    occur octet offer once one operable operations operator option original others outcome outputformat outside
    outweighs over own pack package page par param parse parser partly pas passerelle pem perform performed ping
    piped plain please positional possible pour prints problem process processed prompts properly provide
    psconsolefile pt pushd python qualified quota quote quoted raise reaches ready real realm reason receiver
    recognized recurse registered relates rem removed report required requires reset resetting resolved resource
    resources response restart result retriable retry returns rsp running runs same schemas scopes scripts sec seen
    selected selection selector selectors sent sep sets several share shells should shouldn shows signal signed
    silence simple small soap something sous spdlt speak specify spelling spnego spread sta start statement stays
    stderr stdin stdout still stream streams subcode successfully such sure svc syntax take takes task term
    terminate those timed told too took touched transfer transformation transmission treated truncated try two typed
    unable unary unauthorized unavailable une unexpected unicode unique unsigned unspecified uri us used using
    utilisation uuid valeur valide variable veraltet verbatim verify versions vmxnet vorhanden want wasn wbem wert
    white whole whose windowstyle winrs wmi works would ws wscim wsman wsmanfault www xmlns xmlsoap xsd
    """
)
