-- A Wireshark dissector of the oxo protocol, version 3: the tables of docs/PROTOCOL.md, and the code that reads by them.
--
-- To install it, copy this file into the folder "Personal Lua Plugins" of Help > About Wireshark > Folders, or start
-- `wireshark -X lua_script:oxo.lua`. Port 1952 is known; another one is recognised by its first packets, or chosen as
-- "OXO" in Analyze > Decode As. Filters begin with `oxo.`: `oxo.command == "Play" && oxo.cell == "b2"`.
--
-- It runs with Lua 5.2 and 5.4. No bytes of a peer make it fail or run for long: every read is checked against the length
-- of the packet, and every loop is bounded by that length or a limit of the protocol.

local PORT = 1952
local MAGIC = 0x8f4f584f
-- Bytes of the largest message, and of the largest datagram, which a HELLO, an ASK and an ACCEPT always fill.
local MAX_MESSAGE, MAX_DATAGRAM = 1024, 1200
-- The last number that a packet or a message may have.
local LAST_NUMBER = 2147483648
-- The sides of the largest board.
local MAX_SIDE = 19

local oxo = Proto("oxo", "Oxo, tic-tac-toe on a LAN")
oxo.experts.malformed =
    ProtoExpert.new("oxo.malformed", "Malformed", expert.group.MALFORMED, expert.severity.ERROR)

-- Fields: the part of the filter behind `oxo.`, and the label.

local F = {}

local function declare(kind, display, fields)
    for _, field in ipairs(fields) do
        local name, label = field[1], field[2]
        if type(display) == "string" then
            F[name] = ProtoField[kind]("oxo." .. name, label, base.UNIT_STRING, { display })
        else
            F[name] = ProtoField[kind]("oxo." .. name, label, display)
        end
    end
end

declare("uint16", base.DEC, {
    { "oldest", "Oldest protocol" }, { "newest", "Newest protocol" }, { "protocol", "Protocol" },
    { "length", "Length of the frame's message" }, { "message.length", "Length of the message" },
    { "branch", "Branch: takebacks so far" }, { "ply", "Ply" }, { "moves", "Number of moves" },
    { "score.host", "Won by the host" }, { "score.guest", "Won by the guest" }, { "score.draws", "Drawn" },
    { "watchers", "Watchers" }, { "first", "Place of the first room" }, { "total", "Rooms on the list" }, { "people", "People" },
})
declare("uint8", base.DEC, {
    { "columns", "Columns" }, { "rows", "Rows" }, { "in_row", "In a row" }, { "best_of", "Best of" },
})
declare("uint32", base.DEC, {
    { "seq", "Number of the packet" }, { "ack", "Largest packet that has arrived" },
    { "next", "First message that has not arrived" }, { "message.seq", "Number of the message" },
    { "match", "Match" }, { "nonce", "Nonce" }, { "offer", "Number of the offer" },
})
declare("uint32", base.HEX, {
    { "ack.bits", "Packets before it" }, { "next.bits", "Messages after it" },
})
declare("uint64", base.DEC, { { "session", "Session" } })
declare("uint64", base.HEX, { { "cid", "Receiver's cid" }, { "sender_cid", "Sender's cid" } })
declare("uint32", " µs", { { "ack.delay", "Arrived ago" }, { "rtt", "Round trip" } })
declare("uint64", " ms", { { "at", "Server's time" } })
declare("uint32", " ms", {
    { "grace", "A lost seat is kept" }, { "grace_on_purpose", "After a goodbye" },
    { "clock.host", "The host's clock" }, { "clock.guest", "The guest's clock" },
    { "clock.grace", "Begins to run in" },
    { "offer.opens", "Can be accepted in" }, { "offer.gone", "Ends in" },
    { "claim.in", "May be claimed in" },
    { "host.silence", "Nothing heard for" }, { "guest.silence", "Nothing heard for" },
    { "host.rematch", "Wants a rematch for" }, { "guest.rematch", "Wants a rematch for" },
})
declare("uint32", " s", { { "age", "Since" } })
declare("uint16", " s", { { "time.seconds", "Time" }, { "time.increment", "More after each move" } })
declare("bool", nil, {
    { "wants_ack", "Wants an acknowledgement" }, { "misere", "Misère: a line loses" },
    { "host.on_purpose", "On purpose" }, { "guest.on_purpose", "On purpose" },
    { "watchable", "May be watched" }, { "chat_open", "The players can chat" },
    { "watchers_may_chat", "The players hear watchers" }, { "locked", "Needs a passcode" },
    { "there", "The opponent waits" }, { "block", "Blocked" },
})
declare("string", nil, {
    { "from", "From" }, { "packet", "Packet" }, { "refusal", "Refusal" }, { "packet_close", "Close code" },
    { "kind", "Message" }, { "question", "Question" }, { "command", "Command" }, { "event", "Event" },
    { "reject", "Reject" }, { "close", "Close reason" }, { "unseating", "Unseating" },
    { "name", "Name" }, { "server", "Name of the server" }, { "code", "Room code" },
    { "cell", "Cell" }, { "move", "Move" }, { "time", "Time control" },
    { "access", "Access" }, { "visibility", "Visibility" }, { "claim", "Claim" }, { "claim.absent", "Waited for" },
    { "offer.kind", "Offer" }, { "offer.by", "Offered by" },
    { "chat", "Chat" }, { "line", "Line" }, { "emote", "Emote" }, { "speaker", "Speaker" },
    { "setting", "Setting" }, { "seat", "Seat" }, { "x", "X is played by" },
    { "phase", "Phase" }, { "ending", "Ending" }, { "ending.seat", "Whose" },
    { "host", "The host's seat" }, { "guest", "The guest's seat" },
    { "host.presence", "The host is" }, { "guest.presence", "The guest is" },
    { "clock.running", "Runs" },
})
declare("bytes", nil, {
    { "magic", "Magic number" }, { "cookie", "Cookie" },
    { "secret", "Secret of the token" }, { "passcode", "Passcode" },
})
F.copy_of = ProtoField.framenum("oxo.copy_of", "The same message as in")

for name, field in pairs(F) do
    oxo.fields[name] = field
end

-- Facts from earlier packets, until the next capture is opened.

-- The address and port that sent its preface first, for each TCP connection, by both ends.
local clients = {}
-- The side that receives under a cid: "client" or "server".
local receivers = {}
-- The frame in which each message of the ARQ was seen first, by the receiver's cid and its number.
local first_seen = {}

function oxo.init()
    clients, receivers, first_seen = {}, {}, {}
end

-- The reader takes bytes from the front, and gives up by an error that is a table, which `guarded` expects.

local Reader = {}
Reader.__index = Reader

local function fail(what)
    error({ malformed = what })
end

local function check(is_so, what)
    if not is_so then
        fail(what)
    end
end

function Reader.new(tvb, is_cut)
    -- `found` holds the values by field, for the text of the info column. Secrets never go there.
    return setmetatable({ tvb = tvb, at = 0, stop = tvb:len(), is_cut = is_cut, found = {} }, Reader)
end

function Reader:left()
    return self.stop - self.at
end

function Reader:take(count)
    if count > self:left() then
        error({ malformed = not self.is_cut and "it ends too early" or nil })
    end
    local range = self.tvb(self.at, count)
    self.at = self.at + count
    return range
end

-- A number of the message encoding, and its range. Eight bytes are only as exact as a float.
function Reader:varint(bits)
    local from = self.at
    local value = self:take(1):uint()
    if value == 251 then
        value = self:take(2):le_uint()
        check(value > 250, "a number is longer than it need be")
    elseif value == 252 and bits >= 32 then
        value = self:take(4):le_uint()
        check(value > 65535, "a number is longer than it need be")
    elseif value == 253 and bits == 64 then
        local low, high = self:take(4):le_uint(), self:take(4):le_uint()
        check(high > 0, "a number is longer than it need be")
        value = high * 2.0 ^ 32 + low
    else
        check(value <= 250, "a number is of an impossible kind")
    end
    return value, self.tvb(from, self.at - from)
end

-- Runs `read`, which may give up; any other error in it is a fault of this file, and shown as one.
local function guarded(tree, read, ...)
    local is_well, outcome = pcall(read, ...)
    if is_well then
        return outcome
    end
    if type(outcome) ~= "table" then
        error(outcome, 0)
    end
    if not outcome.malformed then
        return "[cut off by the capture]"
    end
    tree:add_proto_expert_info(oxo.experts.malformed, "Malformed: " .. outcome.malformed)
    return "[malformed: " .. outcome.malformed .. "]"
end

-- Types: each is a function that reads one value, shows it in a tree, and keeps it in `found`.

local function unsigned(name, bits, low, high)
    return function(r, tree)
        local value, range = r:varint(bits)
        check(value >= (low or 0) and value <= (high or 2 ^ bits), name .. " is out of its range")
        r.found[name] = value
        if bits == 64 then
            value = range:len() == 9 and range(1, 8):le_uint64() or UInt64.new(value)
        end
        tree:add(F[name], range, value)
        return value
    end
end

local function u8(name, low, high)
    return function(r, tree)
        local range = r:take(1)
        local value = range:uint()
        check(value >= (low or 0) and value <= (high or 255), name .. " is out of its range")
        tree:add(F[name], range, value)
        r.found[name] = value
        return value
    end
end

local function flag(name)
    return function(r, tree)
        local range = r:take(1)
        check(range:uint() <= 1, name .. " is neither 0 nor 1")
        tree:add(F[name], range, range:uint() == 1)
    end
end

-- A text of a limited number of bytes; only characters that harm a terminal are refused.
local function text(name, max, is_well)
    return function(r, tree)
        local length = r:varint(64)
        check(length >= 1 and length <= max, name .. " is of an impossible length")
        local range = r:take(length)
        local value = range:string(ENC_UTF_8)
        check(value == range:raw() and not value:find("%c"), name .. " has an impossible character")
        check(is_well(value), name .. " is of an impossible form")
        tree:add(F[name], range, value)
        r.found[name] = value
    end
end

local function is_trimmed(value)
    return not value:find("^ ") and not value:find(" $")
end

local function is_name(value)
    return is_trimmed(value) and not value:find("  ")
end

local function is_code(value)
    return value:find("^%u%u%u%u%u?%-%d%d$")
end

-- A secret: it is shown as bytes, and nowhere else.
local function passcode(r, tree)
    local length = r:varint(64)
    check(length >= 1 and length <= 32, "the passcode is of an impossible length")
    local range = r:take(length)
    local is_text = range:string(ENC_UTF_8) == range:raw()
    check(is_text and not range:raw():find("[%c ]"), "the passcode has an impossible character")
    tree:add(F.passcode, range)
end

-- Shows the result of `read` below a label of its own.
local function below(r, tree, label, read)
    local from = r.at
    check(r:left() > 0, not r.is_cut and "it ends too early" or nil)
    local inner = tree:add(oxo, r.tvb(from, 1), label)
    read(inner)
    inner:set_len(r.at - from)
end

local function struct(label, ...)
    local parts = { ... }
    return function(r, tree)
        below(r, tree, label, function(inner)
            for _, part in ipairs(parts) do
                part(r, inner)
            end
        end)
    end
end

local function option(label, part)
    return function(r, tree)
        local range = r:take(1)
        check(range:uint() <= 1, "what says whether there is a value is neither 0 nor 1")
        if range:uint() == 1 then
            part(r, tree)
        else
            tree:add(oxo, range, label .. ": none")
        end
    end
end

local function list(label, max, part)
    return function(r, tree)
        local count = r:varint(64)
        check(count <= max, "more than " .. max .. " " .. label)
        r.found.count = count
        for _ = 1, count do
            part(r, tree)
        end
    end
end

-- An enum. A variant is a name, or a table of its name, its text if that is another, and its fields in order. In the text
-- `{name}` stands for a found value.
local function enum(name, variants)
    return function(r, tree)
        local from = r.at
        local tag, range = r:varint(32)
        local variant = variants[tag + 1]
        check(variant, name .. " is none that there is")
        variant = type(variant) == "table" and variant or { variant }
        local item = tree:add(F[name], range, variant[1])
        for _, part in ipairs(variant.fields or {}) do
            part(r, item)
        end
        item:set_len(r.at - from)
        r.found[name] = (variant.words or variant[1]):gsub("{([%w_.]+)}", r.found)
        return r.found[name]
    end
end

-- The values of the protocol.

local SEATS = { "Host", "Guest" }
local OFFER_KINDS = { "Draw", "Takeback", "Adjourn" }

local player_name = text("name", 64, is_name)
local room_code = text("code", 8, is_code)
local match = unsigned("match", 32)
local offer_kind = enum("offer.kind", OFFER_KINDS)
local offer_number = unsigned("offer", 32)
local claim = enum("claim", { "Win", "Draw", "Adjourn" })
local best_of = option("Best of", function(r, tree)
    check(u8("best_of", 1, 99)(r, tree) % 2 == 1, "best of an even number")
end)
local seconds = unsigned("time.seconds", 16, 1, 3600)
local time_control = enum("time", {
    "Off",
    { "PerMove", fields = { seconds } },
    { "Fischer", fields = { seconds, u8("time.increment") } },
})

local function cell_words(column, row)
    return string.char(97 + column) .. (row + 1)
end

local function cell(r, tree)
    local range = r:take(2)
    local column, row = range(0, 1):uint(), range(1, 1):uint()
    check(column < MAX_SIDE and row < MAX_SIDE, "no board has such a cell")
    r.found.cell = cell_words(column, row)
    tree:add(F.cell, range, r.found.cell)
end

local rules_as_sent = struct("Rules",
    u8("columns", 3, MAX_SIDE), u8("rows", 3, MAX_SIDE), u8("in_row", 3, MAX_SIDE), flag("misere"))

local function rules(r, tree)
    rules_as_sent(r, tree)
    local found = r.found
    check(found.in_row <= math.max(found.columns, found.rows), "more in a row than a side is long")
    found.board = found.columns .. "x" .. found.rows .. ":" .. found.in_row
end

local terms = struct("Terms", rules, best_of, time_control)
local access = enum("access", { "Public", "Hidden", { "Passcode", fields = { passcode } } })
local chat = enum("chat", {
    { "Line", words = "{line}", fields = { text("line", 480, is_trimmed) } },
    { "Emote", words = "{emote}", fields = { enum("emote", { "hi", "gg", "oops", "wow", "thx", "re" }) } },
})

-- True if the mark at a cell is part of a run that is long enough, in any of the four directions.
local function is_in_line(marks, column, row, in_row)
    local mark = marks[column + MAX_SIDE * row]
    for _, step in ipairs({ { 1, 0 }, { 0, 1 }, { 1, 1 }, { 1, -1 } }) do
        local run = 1
        for _, sign in ipairs({ 1, -1 }) do
            for distance = 1, in_row - 1 do
                local x, y = column + sign * distance * step[1], row + sign * distance * step[2]
                if x < 0 or x >= MAX_SIDE or marks[x + MAX_SIDE * y] ~= mark then
                    break
                end
                run = run + 1
            end
        end
        if run >= in_row then
            return true
        end
    end
    return false
end

local function draw_board(tree, range, marks, columns, rows)
    local board = tree:add(oxo, range, "Board")
    for row = rows - 1, 0, -1 do
        local cells = {}
        for column = 0, columns - 1 do
            cells[column + 1] = marks[column + MAX_SIDE * row] or "."
        end
        board:add(oxo, range, ("%2d  %s"):format(row + 1, table.concat(cells, " ")))
    end
end

-- The rules and the moves. The moves are replayed, since an illegal one makes the message malformed.
local function record_as_sent(r, whole)
    local from = r.at
    rules(r, whole)
    local columns, rows, in_row = r.found.columns, r.found.rows, r.found.in_row
    local count, range = r:varint(64)
    check(count <= columns * rows, "more moves than cells")
    r.found.moves = count == 1 and "1 move" or count .. " moves"
    whole:add(F.moves, range, count)
    local marks, is_over = {}, false
    for ply = 0, count - 1 do
        local place = r:take(2)
        local column, row = place(0, 1):uint(), place(1, 1):uint()
        check(column < columns and row < rows, "a move is not on the board")
        check(not is_over, "a move comes after the end")
        check(not marks[column + MAX_SIDE * row], "a cell is played twice")
        local mark = ply % 2 == 0 and "X" or "O"
        marks[column + MAX_SIDE * row] = mark
        is_over = is_in_line(marks, column, row, in_row)
        whole:add(F.move, place, cell_words(column, row)):prepend_text(("%3d %s  "):format(ply, mark))
    end
    draw_board(whole, r.tvb(from, r.at - from), marks, columns, rows)
end

local function record(r, tree)
    below(r, tree, "Record", function(whole) record_as_sent(r, whole) end)
end

local function seat_view(seat)
    local silence = unsigned(seat .. ".silence", 32)
    local presence = enum(seat .. ".presence", {
        "Present",
        { "Silent", fields = { silence } },
        { "Away", fields = { silence, flag(seat .. ".on_purpose") } },
    })
    local rematch = option("Rematch", unsigned(seat .. ".rematch", 32))
    return enum(seat, {
        "Vacant",
        { "Taken", fields = { player_name, presence, rematch } },
        { "Gone", fields = { player_name } },
    })
end

local ending_seat = { enum("ending.seat", SEATS) }
local phase = enum("phase", {
    "Waiting",
    "Playing",
    "Adjourned",
    { "Over", words = "Over: {ending}", fields = { enum("ending", {
        "OnBoard",
        { "Resigned", words = "Resigned {ending.seat}", fields = ending_seat },
        { "OutOfTime", words = "OutOfTime {ending.seat}", fields = ending_seat },
        { "Abandoned", words = "Abandoned {ending.seat}", fields = ending_seat },
        "DrawAgreed",
        { "DrawCalled", words = "DrawCalled {ending.seat}", fields = ending_seat },
    }) } },
})

local snapshot = {
    unsigned("at", 64), room_code, match, unsigned("branch", 16), enum("x", SEATS), phase, record,
    seat_view("host"), seat_view("guest"),
    struct("Score", unsigned("score.host", 16), unsigned("score.guest", 16), unsigned("score.draws", 16)),
    best_of, time_control,
    option("Clocks", struct("Clocks",
        unsigned("clock.host", 32), unsigned("clock.guest", 32),
        option("Runs", enum("clock.running", SEATS)), unsigned("clock.grace", 32))),
    option("Offer", struct("Offer",
        offer_number, offer_kind, enum("offer.by", SEATS),
        unsigned("offer.opens", 32), unsigned("offer.gone", 32))),
    option("Claim", struct("Claim", enum("claim.absent", SEATS), unsigned("claim.in", 32))),
    enum("visibility", { "Public", "Hidden", "Locked" }), unsigned("watchers", 16),
    flag("watchable"), flag("chat_open"), flag("watchers_may_chat"),
}

local room_line = struct("Room",
    room_code, player_name, option("Guest", player_name), terms,
    flag("locked"), flag("watchable"), unsigned("watchers", 16), unsigned("age", 32))
local adjourned_line = struct("Match", room_code, player_name, flag("there"), unsigned("moves", 16))

-- The messages.

local COMMANDS = {
    { "QuickMatch", fields = { option("Terms", terms) } },
    { "Create", words = "Create {board}, {access}", fields = { terms, access } },
    { "Join", words = "Join {code}", fields = { room_code, option("Passcode", passcode) } },
    { "Watch", words = "Watch {code}", fields = { room_code, option("Passcode", passcode) } },
    "Leave",
    { "Play", words = "Play {match}: {cell} as ply {ply}",
        fields = { match, unsigned("branch", 16), unsigned("ply", 16), cell } },
    { "Resign", words = "Resign {match}", fields = { match } },
    { "Rematch", words = "Rematch after {match}", fields = { match } },
    { "Offer", words = "Offer {match}: {offer.kind}", fields = { match, offer_kind } },
    { "Accept", words = "Accept offer {offer}", fields = { offer_number } },
    { "Decline", words = "Decline offer {offer}", fields = { offer_number } },
    { "Claim", words = "Claim {match}: {claim}", fields = { match, claim } },
    { "Say", words = "Say: {chat}", fields = { chat } },
    { "Set", words = "Set {setting}", fields = { enum("setting", {
        { "Access", words = "Access: {access}", fields = { access } },
        { "Watchable", fields = { flag("watchable") } },
        { "WatchersMayChat", fields = { flag("watchers_may_chat") } },
        "OpenChat",
        { "Block", fields = { flag("block") } },
    }) } },
    { "Browse", fields = { option("Rules", rules) } },
    "StopBrowsing",
}

local COMMAND_KINDS = {}
for place, command in ipairs(COMMANDS) do
    COMMAND_KINDS[place] = type(command) == "table" and command[1] or command
end

local REJECTS = {
    "AlreadySeated", "NotSeated", "NoSuchRoom", "RoomFull", "TooManyRooms", "NoMatch", "OtherMatch", "NotYourTurn",
    "OtherPly", "CellTaken", "NoSuchCell", "MatchRunning", "OpponentGone", "Paused", "OnlyWatching", "NotOwner",
    "NeedsPasscode", "WrongPasscode", "TooManyAttempts", "NotWatchable", "TooManyWatchers", "OfferPending",
    "AlreadyOffered", "NothingToTakeBack", "NoSuchOffer", "OwnOffer", "TooSoon", "NotAbsent", "ClaimTooEarly",
    "TooFast", "ChatClosed", "TooManyAdjourned", "MatchAtStake", "TooManyBrowsers", "HostAway",
    "RoomFullUnwatchable", "Barred", "AddressFull", "NotSaving",
}

local EVENTS = {
    { "Seated", words = "Seated {code} as {seat}", fields = { room_code, enum("seat", SEATS) } },
    { "Snapshot", words = "Snapshot match {match}, {moves}, {phase}", fields = snapshot },
    { "Rejected", words = "Rejected {command}: {reject}",
        fields = { enum("command", COMMAND_KINDS), enum("reject", REJECTS) } },
    { "Unseated", words = "Unseated: {unseating}",
        fields = { enum("unseating", { "Left", "RoomClosed", "NotWatchable", "MadeRoom", "Blocked" }) } },
    { "Watching", words = "Watching {code}", fields = { room_code } },
    { "Said", words = "Said by {name}: {chat}", fields = {
        enum("speaker", { { "Player", fields = { enum("seat", SEATS) } }, "Watcher" }), player_name, chat,
    } },
    { "Rooms", words = "Rooms: {count} of {total}, from {first}",
        fields = { unsigned("first", 16), unsigned("total", 16), list("rooms", 6, room_line) } },
    { "Adjourned", words = "Adjourned matches: {count}", fields = { list("adjourned matches", 8, adjourned_line) } },
    "NotSaving",
}

local secret = function(r, tree) tree:add(F.secret, r:take(16)) end
local token = struct("Token", unsigned("session", 64), secret)
local close = { "Close", words = "Close: {close}", fields = { enum("close", {
    "Goodbye", "ShuttingDown", "ServerFull", "HelloTimeout", "OutOfTurn", "Malformed", "FrameLength", "FrameTimeout",
    "Flood", "SlowConsumer", "Silent", "Replaced", "UnknownSession", "AddressFull", "NotSaving",
}) } }
local nonce = unsigned("nonce", 32)

-- The messages of either side.
local MESSAGES = {
    client = enum("kind", {
        { "Hello", words = "Hello {name}", fields = { player_name, option("Token", token) } },
        { "Command", words = "{command}", fields = { enum("command", COMMANDS) } },
        { "Pong", words = "Pong {nonce}", fields = { nonce } },
        close,
        { "Ask", words = "Ask for {question}", fields = { enum("question", {
            { "Rooms", words = "rooms from {first}", fields = { unsigned("first", 16) } },
            { "Code", words = "{code}", fields = { room_code } },
        }) } },
    }),
    server = enum("kind", {
        { "Welcome", words = "Welcome {name} to {server}",
            fields = { token, player_name, text("server", 64, is_name), unsigned("grace", 32),
                unsigned("grace_on_purpose", 32) } },
        { "Event", words = "{event}", fields = { enum("event", EVENTS) } },
        { "Ping", words = "Ping {nonce}",
            fields = { nonce, option("Round trip", unsigned("rtt", 32)), unsigned("at", 64) } },
        close,
        { "Answer", words = "Answer of {server}: {count} of {total} rooms, from {first}",
            fields = { text("server", 64, is_name), unsigned("people", 16), unsigned("first", 16),
                unsigned("total", 16), list("rooms", 16, room_line) } },
    }),
}

-- Shows the message that fills `tvb`, and returns its text.
local function dissect_message(tvb, is_cut, side, tree)
    tree:add(F.from, tvb(0, 0), side):set_generated()
    return guarded(tree, function()
        local r = Reader.new(tvb, is_cut)
        local words = MESSAGES[side](r, tree)
        check(r:left() == 0, "something follows the message")
        return words
    end)
end

-- Adds text to the info column, which holds nothing else.
local function tell(pinfo, words)
    if pinfo.private.oxo then
        pinfo.cols.info:append("; ")
    else
        pinfo.cols.protocol:set("OXO")
        pinfo.cols.info:set("")
    end
    pinfo.private.oxo = "told"
    pinfo.cols.info:append(words)
    -- TCP's own remarks about the rest of a segment follow.
    pinfo.cols.info:fence()
end

-- The side by the port of the protocol, or by the custom of most programs.
local function side_by_port(pinfo)
    if pinfo.dst_port == PORT or pinfo.src_port == PORT then
        return pinfo.dst_port == PORT and "client" or "server"
    end
    return pinfo.dst_port < pinfo.src_port and "client" or "server"
end

-- TCP: a preface, then frames.

local function sender_and_connection(pinfo)
    local sender = tostring(pinfo.src) .. " " .. pinfo.src_port
    local receiver = tostring(pinfo.dst) .. " " .. pinfo.dst_port
    return sender, sender < receiver and sender .. " " .. receiver or receiver .. " " .. sender
end

-- The sender of a segment. The side that sends its preface first is the client.
local function sender_side(pinfo)
    local sender, connection = sender_and_connection(pinfo)
    local client = clients[connection]
    if client and pinfo.dst_port ~= PORT and pinfo.src_port ~= PORT then
        return sender == client and "client" or "server"
    end
    return side_by_port(pinfo)
end

local function dissect_preface(r, tree)
    local magic = r:take(4)
    tree:add(F.magic, magic)
    check(magic:uint() == MAGIC, "no preface")
    local oldest, newest = r:take(2), r:take(2)
    tree:add(F.oldest, oldest)
    tree:add(F.newest, newest)
    check(oldest:uint() <= newest:uint(), "the oldest protocol is above the newest")
    return ("Preface, protocols %d to %d"):format(oldest:uint(), newest:uint())
end

-- The length of the unit at `offset`: a preface, whose first bytes are no length, a frame, or the rest if it is neither.
local function pdu_length(tvb, _, offset)
    local rest = tvb:reported_length_remaining(offset)
    if tvb:len() < offset + 2 then
        return rest
    end
    local length = tvb(offset, 2):uint()
    if length == math.floor(MAGIC / 65536) then
        return 8
    elseif length >= 1 and length <= MAX_MESSAGE then
        return 2 + length
    end
    return rest
end

local function dissect_pdu(tvb, pinfo, root)
    local tree = root:add(oxo, tvb())
    local is_cut = tvb:len() < tvb:reported_len()
    if tvb:len() < 2 then
        tell(pinfo, "[cut off by the capture]")
        return tvb:len()
    end
    local length = tvb(0, 2)
    if length:uint() == math.floor(MAGIC / 65536) then
        local sender, connection = sender_and_connection(pinfo)
        clients[connection] = clients[connection] or sender
        tree:append_text(", preface")
        tell(pinfo, guarded(tree, dissect_preface, Reader.new(tvb, is_cut), tree))
        return tvb:len()
    end
    tree:add(F.length, length)
    local words = guarded(tree, function()
        check(length:uint() >= 1 and length:uint() <= MAX_MESSAGE, "a frame of an impossible length")
        return tvb:len() > 2 and dissect_message(tvb(2):tvb(), is_cut, sender_side(pinfo), tree)
            or "[cut off by the capture]"
    end)
    tree:append_text(", " .. words)
    tell(pinfo, words)
    return tvb:len()
end

local function dissect_tcp(tvb, pinfo, root)
    dissect_tcp_pdus(tvb, root, 2, pdu_length, dissect_pdu)
    return tvb:len()
end

-- UDP: the packets of the ARQ.

-- A big-endian number of a packet, shown and returned.
local function fixed(r, tree, name, bytes)
    local range = r:take(bytes)
    tree:add(F[name], range)
    return range:uint()
end

local function cid(r, tree, name)
    local range = r:take(8)
    tree:add(F[name or "cid"], range)
    return tostring(range:bytes())
end

local function protocols(r, tree)
    local oldest, newest = fixed(r, tree, "oldest", 2), fixed(r, tree, "newest", 2)
    check(oldest <= newest, "the oldest protocol is above the newest")
    return ("protocols %d to %d"):format(oldest, newest)
end

local function padding(r)
    if r:left() > 0 then
        check(not r:take(r:left()):raw():find("[^\0]"), "it is filled with something else than zeros")
    end
end

local function code(r, tree, name, codes)
    local range = r:take(1)
    local word = codes[range:uint()]
    check(word, name .. " is none that there is")
    tree:add(F[name], range, word)
    return word
end

-- Adds the sequence numbers of the bits of an acknowledgement to its item, from `first` in steps of `step`.
local function explain_bits(item, bits, first, step)
    local numbers = {}
    for place = 0, 31 do
        if math.floor(bits / 2 ^ place) % 2 == 1 then
            local number = first + step * place
            check(number >= 1 and number <= LAST_NUMBER, "it acknowledges a number that there is not")
            numbers[#numbers + 1] = ("%d"):format(number)
        end
    end
    item:append_text(#numbers > 0 and ": " .. table.concat(numbers, ", ") or ": none")
end

local function bits(r, tree, name, first, step)
    local range = r:take(4)
    explain_bits(tree:add(F[name], range), range:uint(), first, step)
    return range:uint()
end

local function valid_number(number)
    check(number >= 1 and number <= LAST_NUMBER, "a number is out of its range")
    return number
end

-- The sender of a packet for this cid.
local function cid_side(pinfo, receiver)
    local known = receivers[receiver]
    return known and (known == "server" and "client" or "server") or side_by_port(pinfo)
end

-- Shows one message of a packet, marks a copy, and returns its text.
local function dissect_arq_message(r, pinfo, inner, receiver, last)
    local number = valid_number(fixed(r, inner, "message.seq", 4))
    check(number > last, "the messages are out of order")
    local length = fixed(r, inner, "message.length", 2)
    check(length >= 1 and length <= MAX_MESSAGE, "a message of an impossible length")
    local payload = r:take(length)
    local words = dissect_message(payload:tvb(), false, cid_side(pinfo, receiver), inner)
    inner:append_text((" %d: %s"):format(number, words))
    local key = receiver .. number
    first_seen[key] = first_seen[key] or pinfo.number
    if first_seen[key] < pinfo.number then
        inner:add(F.copy_of, payload, first_seen[key]):set_generated()
        words = words .. " (again)"
    end
    return number, words
end

local function dissect_data(r, pinfo, tree)
    check(r.tvb:reported_len() <= MAX_DATAGRAM, "it is longer than a datagram")
    local receiver = cid(r, tree)
    local seq = valid_number(fixed(r, tree, "seq", 4))
    local ack = fixed(r, tree, "ack", 4)
    check(ack <= LAST_NUMBER, "a number is out of its range")
    local delay = r:take(2)
    tree:add(F["ack.delay"], delay, delay:uint() * 32)
    local packet_bits = bits(r, tree, "ack.bits", ack - 1, -1)
    check(ack > 0 or (delay:uint() == 0 and packet_bits == 0), "it tells of a packet that has not arrived")
    local next_message = valid_number(fixed(r, tree, "next", 4))
    bits(r, tree, "next.bits", next_message + 1, 1)
    local wants_ack = r:take(1)
    check(wants_ack:uint() <= 1, "a flag is neither 0 nor 1")
    tree:add(F.wants_ack, wants_ack, wants_ack:uint() == 1)
    check(wants_ack:uint() == 1 or r:left() == 0, "messages that want no acknowledgement")
    local all, last = {}, 0
    while r:left() > 0 do
        below(r, tree, "Message", function(inner)
            last, all[#all + 1] = dissect_arq_message(r, pinfo, inner, receiver, last)
        end)
    end
    local summary = ("%d ack %d"):format(seq, ack)
    return #all > 0 and summary .. ": " .. table.concat(all, "; ") or summary
end

-- The beginning that HELLO and ASK share.
local function dissect_hello(r, tree)
    check(r.tvb:reported_len() == MAX_DATAGRAM, "it is not as long as the longest datagram")
    local magic = r:take(4)
    tree:add(F.magic, magic)
    check(magic:uint() == MAGIC, "another magic number")
    local words = protocols(r, tree)
    receivers[cid(r, tree, "sender_cid")] = "client"
    local length = r:take(1):uint()
    check(length == 0 or length == 20, "a cookie of an impossible length")
    if length > 0 then
        tree:add(F.cookie, r:take(length))
        words = words .. ", with cookie"
    end
    return words
end

-- The packets by first byte: the name, and a function that reads the rest and returns its text.
local PACKETS = {
    [0x50] = { "HELLO", function(r, _, tree)
        local words = dissect_hello(r, tree)
        padding(r)
        return words
    end },
    [0x51] = { "RETRY", function(r, _, tree)
        cid(r, tree)
        tree:add(F.cookie, r:take(20))
        return "with cookie"
    end },
    [0x52] = { "ACCEPT", function(r, _, tree)
        check(r.tvb:reported_len() == MAX_DATAGRAM, "it is not as long as the longest datagram")
        receivers[cid(r, tree)] = "client"
        receivers[cid(r, tree, "sender_cid")] = "server"
        local protocol = fixed(r, tree, "protocol", 2)
        padding(r)
        return "protocol " .. protocol
    end },
    [0x53] = { "REFUSE", function(r, _, tree)
        cid(r, tree)
        return code(r, tree, "refusal", { "Version", "Full" }) .. ", " .. protocols(r, tree)
    end },
    [0x54] = { "DATA", dissect_data },
    [0x55] = { "CLOSE", function(r, _, tree)
        cid(r, tree)
        return code(r, tree, "packet_close", { "Done", "Abandoned", "Exhausted", "Silent" })
    end },
    [0x56] = { "CLOSE-ACK", function(r, _, tree) return "of " .. cid(r, tree) end },
    [0x57] = { "RESET", function(r, _, tree) return "of " .. cid(r, tree) end },
    [0x58] = { "ASK", function(r, _, tree)
        local words = dissect_hello(r, tree)
        local length = r:take(1):uint()
        check(length > 0, "a question of an impossible length")
        local question = dissect_message(r:take(length):tvb(), false, "client", tree)
        padding(r)
        return words .. ": " .. question
    end },
    [0x59] = { "ANSWER", function(r, _, tree)
        check(r.tvb:reported_len() <= MAX_DATAGRAM, "it is longer than a datagram")
        cid(r, tree)
        check(r:left() > 0, "an answer of an impossible length")
        return dissect_message(r:take(r:left()):tvb(), r.is_cut, "server", tree)
    end },
}

local function dissect_udp(tvb, pinfo, root)
    if tvb:len() == 0 then
        return 0
    end
    local tree = root:add(oxo, tvb())
    local words = guarded(tree, function()
        local r = Reader.new(tvb, tvb:len() < tvb:reported_len())
        local first = r:take(1)
        local packet = PACKETS[first:uint()]
        check(packet, "no packet of ours")
        tree:add(F.packet, first, packet[1])
        local inner = guarded(tree, function()
            local inner = packet[2](r, pinfo, tree)
            check(r:left() == 0, "something follows the packet")
            return inner
        end)
        return packet[1] .. " " .. inner
    end)
    tree:append_text(", " .. words)
    tell(pinfo, words)
    return tvb:len()
end

-- Wireshark's number of TCP as a type of ports.
local PT_TCP = 2

function oxo.dissector(tvb, pinfo, root)
    return (pinfo.port_type == PT_TCP and dissect_tcp or dissect_udp)(tvb, pinfo, root)
end

for _, transport in ipairs({ "tcp.port", "udp.port" }) do
    DissectorTable.get(transport):add(PORT, oxo)
end

-- Other ports: a preface, a HELLO, an ASK or an ACCEPT makes the whole connection ours.

oxo:register_heuristic("tcp", function(tvb, pinfo, root)
    if tvb:len() < 8 or tvb(0, 4):uint() ~= MAGIC or tvb(4, 2):uint() > tvb(6, 2):uint() then
        return false
    end
    pinfo.conversation = oxo
    dissect_tcp(tvb, pinfo, root)
    return true
end)

oxo:register_heuristic("udp", function(tvb, pinfo, root)
    if tvb:len() ~= MAX_DATAGRAM then
        return false
    end
    local first = tvb(0, 1):uint()
    local is_hello = (first == 0x50 or first == 0x58) and tvb(1, 4):uint() == MAGIC
    local is_accept = first == 0x52 and tvb(17, 2):uint() == 2 and not tvb:raw(19):find("[^\0]")
    if not is_hello and not is_accept then
        return false
    end
    pinfo.conversation = oxo
    dissect_udp(tvb, pinfo, root)
    return true
end)
