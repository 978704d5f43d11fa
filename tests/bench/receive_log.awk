# SPDX-FileCopyrightText: The relayops.exchange contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Counts what tests/bench/receive_log.py has written, in its own way: one line of output for each figure, with
# connector, client, what is counted and how many of it, parted by tabs.
function inside(domain) {
    return domain == "example.org" || domain == "example.com" || domain ~ /\.example\.com$/
}
function count(what) {
    figures[row "\t" what]++
}
function ended(session) {
    row = row_of[session]
    if (session in tls) count("tls " tls[session])
    delete tls[session]
    if (session in user) count("authenticated")
    delete user[session]
    delete row_of[session]
}
function seen(time) {
    if (!(row in first) || time < first[row]) first[row] = time
    if (!(row in last) || time > last[row]) last[row] = time
}
function name_of(words) {
    sub(/^[A-Za-z]* */, "", words)
    return tolower(words)
}
function domain_of(words) {
    sub(/>.*/, "", words)
    sub(/.*@/, "", words)
    return tolower(words)
}
/^#/ { next }
{
    sub(/\r$/, "")
    line = $0
    connector = ""
    if (substr(line, 26, 1) == "\"") {
        line = substr(line, 27)
        connector = substr(line, 1, index(line, "\"") - 1)
        line = substr($0, 1, 25) "quoted" substr(line, index(line, "\"") + 1)
    }
    split(line, field, ",")
    if (connector == "") connector = field[2]
    sub(/^[^\\]*\\/, "", connector)
    session = field[3]
    sub(/:[0-9]*$/, "", field[6])
    row = connector "\t" field[6]
    event = field[7]
    data = field[8]
    sub(/^"/, "", data)
    verb = toupper(substr(data, 1, 4))
    code = substr(data, 1, 3)
    if (event == "*") {
        if (match(line, /SP_PROT_TLS1_[0-9]/)) tls[session] = "TLSv1." substr(line, RSTART + RLENGTH - 1, 1)
        next
    }
    if (!(session in known)) {
        known[session] = 1
        row_of[session] = row
        count("sessions")
        next_reply[session] = 1
        waiting[session] = 0
    }
    if ((event == "<" && verb != "QUIT") || (event == ">" && code !~ /^(3|221)/ && data !~ /^(250  |220 [^2])/) || event ~ /^[-+]$/) seen(field[1])
    if (event == "-") ended(session)
    if (event == "<") {
        if (verb == "RCPT") verb = inside(domain_of(data)) ? "INSIDE" : "OUTSIDE"
        if (verb == "EHLO" || verb == "HELO") count("helo " name_of(data))
        if (verb == "MAIL") count("sender " domain_of(data))
        command[session, ++waiting[session]] = verb
    }
    if (event == ">" && code !~ /^3/ && next_reply[session] <= waiting[session]) {
        verb = command[session, next_reply[session]]
        delete command[session, next_reply[session]++]
        if (code ~ /^2/) {
            if (verb == "INSIDE") count("recipients_inside")
            if (verb == "OUTSIDE") count("recipients_outside")
            if (verb == "DATA" || verb == "BDAT") count("messages")
            if (verb == "AUTH") user[session] = 1
        } else {
            split(data, words, " ")
            count("refused " words[1] " " words[2])
            if (verb == "OUTSIDE") count("refused_outside")
        }
    }
}
END {
    for (each in row_of) ended(each)
    for (each in figures) print each "\t" figures[each]
    for (each in first) print each "\tfirst_seen\t" first[each]
    for (each in last) print each "\tlast_seen\t" last[each]
}
