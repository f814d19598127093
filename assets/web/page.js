// The page: a client that speaks JSON over a WebSocket (docs/PROTOCOL.md).
'use strict';

const $ = id => document.getElementById(id);
const now = () => performance.now();

// -- The model --

let socket = null;
let link = 'dialing'; // or up, down, ended
let token = null; // shown to return to the seat
let asked = ''; // the name in the hello
let called = ''; // the name in the welcome
let grace = 0;
let heard = 0; // when the last message came
let since = 0; // when the connection was lost
let why = '';
let tries = 0;
let retryAt = 0;
let rtt = null;
let offset = null; // our clock minus the server's
const BROWSE = { type: 'browse', rules: null };
const QUICK = { type: 'quick-match', terms: null };
let goal = BROWSE; // what to ask for, in a session without a place
let rooms = null;
let part = [];
let listedAt = 0;
let adjourned = [];
let code = null;
let me = null; // the own seat; null for a watcher
let snap = null;
let board = null; // the position of the snapshot
let at = 0; // when the snapshot was made, on our clock
let sent = null; // a move that no snapshot has confirmed
let unsaved = 0; // since then it cannot save
let ended = null; // the number of an offer that was ended here
let talk = [];
let muted = false;
let blocked = false; // the other player
let notice = null;
let cursor = null;
let chosen = null; // the cell that was touched once
let settle = false; // focus needs a place

// Where a browser closes its storage, a reload forgets the seat and the name.
function store(place, key, value) {
 try {
  const storage = window[`${place}Storage`];
  return value === undefined ? storage.getItem(key) : storage.setItem(key, value);
 } catch {
  return '';
 }
}

// -- The link --

function dial() {
 const old = socket;
 const mine = new WebSocket(`${location.origin.replace('http', 'ws')}/ws`, 'oxo.3');
 let close = '';
 [socket, heard, offset] = [mine, now(), null];
 tries += 1;
 old?.close();
 mine.onopen = () => {
  asked = wantedName();
  transmit({ type: 'hello', name: asked, resume: token });
 };
 mine.onmessage = ({ data }) => {
  if (mine !== socket) return;
  heard = now();
  const message = JSON.parse(data);
  if (message.type === 'close') close = message.value;
  else receive(message);
  render();
 };
 mine.onclose = ({ reason }) => {
  if (mine === socket) closed(close, reason);
  render();
 };
}

function closed(reason, sentence) {
 socket = null;
 if (reason === 'unknown-session') {
  remember('');
  if (!me) return dial();
 }
 // From these the page does not return by itself.
 const isEnd = /unknown|replaced/.test(reason) || (reason === 'malformed' && link !== 'up');
 if (link === 'up') [since, tries, why] = [now(), 0, ''];
 if (link === 'up' && !me && !adjourned.length) token = null;
 [link, rtt, why] = [isEnd ? 'ended' : 'down', null, sentence || why];
 retryAt = now() + Math.min(500 * tries, 2000);
 // Watching ends with the connection: the room is asked for again.
 if (code && !me) goal = { type: 'watch', code, passcode: null };
}

function remember(secret) {
 token = secret || null;
 store('session', 'oxo-token', secret);
}

function transmit(message) {
 if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function send(type, fields) {
 if (link === 'up') transmit({ type: 'command', value: { type, ...fields } });
}

function receive(message) {
 const { type, value } = message;
 if (type === 'ping') {
  transmit({ type: 'pong', nonce: message.nonce });
  rtt = message.rtt_micros;
  // Late by the way of the ping, but never early, so that nothing is done too soon.
  offset = now() - message.at + 1;
 } else if (type === 'event') {
  EVENTS[value.type](value);
 } else if (type === 'welcome') {
  const returns = token !== null;
  [link, tries, called, grace, token, unsaved] = ['up', 0, message.name, message.grace_millis, message.token, 0];
  if (returns) remember(token);
  else pursue();
 }
}

function pursue() {
 const { type, ...fields } = goal;
 send(type, fields);
}

// Sets what is wanted. Another name needs another session.
function want(next) {
 goal = next;
 if (link === 'up' && (adjourned[0] || wantedName() === asked)) return pursue();
 transmit({ type: 'close', value: 'goodbye' });
 remember('');
 [link, tries] = ['dialing', 0];
 dial();
}

// -- Events --

const EVENTS = {
 seated: event => enter(event.code, event.seat),
 watching: event => enter(event.code, null),
 snapshot: show,
 rejected,
 unseated({ value }) {
  leaveRoom(value === 'left' ? '' : `You have lost your place: ${spaced(value)}.`);
  pursue();
 },
 said({ speaker, name, message: { type, value } }) {
  const role = speaker.value || null;
  const own = role === me && name === called;
  if (muted && !own) return;
  const words = type === 'emote' ? EMOTES[value] : value;
  talk = [...talk.slice(-49), { role, name, words }];
  if (!own) announce(`${name}: ${words}`);
 },
 rooms(list) {
  part = list.first ? [...part, ...list.rooms] : list.rooms;
  if (part.length >= list.total) [rooms, listedAt] = [part, now()];
 },
 'not-saving'() {
  unsaved = now();
  announce(UNSAVED);
 },
 adjourned({ value }) {
  adjourned = value;
  if (value.length) remember(token);
  if (!code) pursue();
 },
};

function enter(room, seat) {
 if (room !== code) {
  [snap, sent, notice, talk, blocked] = [null, null, null, [], false];
  dialog(null);
 }
 [code, me, goal] = [room, seat, BROWSE];
 if (seat) remember(token);
 history.replaceState(null, '', `/${code}`);
}

function leaveRoom(words) {
 [code, me, snap, sent, rooms, talk, settle] = [null, null, null, null, null, [], true];
 if (!adjourned.length) store('session', 'oxo-token', '');
 history.replaceState(null, '', '/');
 tell(words, 20000);
}

function rejected({ command, reject }) {
 const reason = REJECTS[reject] || spaced(reject);
 if (command === 'play') {
  if (reject === 'paused' && sent) return void (sent.held = true);
  sent = null;
 } else if (goal.type === command && command !== 'browse') {
  const failed = goal;
  if (reject === 'room-full' && command === 'join') return want({ ...failed, type: 'watch' });
  goal = BROWSE;
  leaveRoom(`Not let in: ${reason}.`);
  pursue();
  return /passcode/.test(reject) && askPasscode(failed);
 }
 if (!/other-match|already-seated/.test(reject)) tell(`Not ${command === 'say' ? 'said' : 'done'}: ${reason}.`);
}

function show(next) {
 unsaved = 0;
 const before = snap;
 const made = at;
 const { type, value } = next.phase;
 snap = Object.assign(next, { phase: type, ending: value });
 board = position(snap.record);
 at = offset === null ? now() : Math.min(now(), Math.max(now() - 2000, snap.at + offset));
 if (sent) {
  const waits = is('playing') && sent.match_number === snap.match_number && sent.branch === snap.branch && sent.ply === plies();
  if (!waits) sent = null;
  else if ((sent.held || sent.socket !== socket) && !paused()) play();
 }
 const moved = before && plies() !== before.record.moves.length;
 const news = before && change(before, made, moved);
 if (news) tell(news);
 else if (moved) notice = null;
 if (muted && offerOf(false) && snap.offer.number !== ended) decline();
 if (is('waiting')) blocked = false;
 if (before?.phase !== type) [cursor, settle] = [null, true];
}

// News that the room does not show by itself.
function change(before, made, moved) {
 const name = rivalName();
 const presence = room => room.seats[rival()].presence?.type;
 const same = before.phase === snap.phase && before.match_number === snap.match_number;
 if (before.phase === 'adjourned' && is('playing')) return 'The match goes on.';
 if (/silent|away/.test(presence(before)) && presence(snap) === 'present') return `${name} is back.`;
 if (same && is('playing') && before.offer && before.offer.number !== snap.offer?.number) {
  const { by, kind, number, gone_in_millis: gone } = before.offer;
  const own = by === me;
  const what = OFFERS[kind].noun;
  if (before.branch !== snap.branch) return `${who(by)} took ${own ? 'your' : 'their'} last move back.`;
  if (moved) return own && myTurn() ? `${name} played on, which declines the ${what}.` : '';
  if (number === ended) return own ? `You withdrew the ${what}.` : '';
  if (made + gone <= at + 500) return `The ${what} has expired.`;
  return own ? `${name} declined the ${what}.` : `${nameOf(by)} withdrew the ${what}.`;
 }
}

// -- The room --

const SEATS = ['host', 'guest'];
const is = phase => snap?.phase === phase;
const other = seat => (seat === 'host' ? 'guest' : 'host');
const rival = () => other(me || 'host'); // a watcher looks from the host's side
const nameOf = seat => snap.seats[seat].name || 'nobody';
const rivalName = () => nameOf(rival());
const who = seat => (seat === me ? 'You' : nameOf(seat));
const markOf = seat => (seat === snap.x ? 'X' : 'O');
const seatOf = mark => (mark === 'X' ? snap.x : other(snap.x));
const plies = () => snap.record.moves.length;
const left = millis => Math.max(0, millis - (now() - at));

// Columns, rows and marks in a row, of a notation such as `5x5:4`.
function rulesOf(notation) {
 const [columns, rows, given] = notation.match(/\d+/g).map(Number);
 const short = Math.min(columns, rows);
 const inRow = given || (short < 4 ? 3 : short < 8 ? 4 : 5);
 return { columns, rows, inRow, classic: columns * rows === 9, misere: notation.includes('mis') };
}

const cellAt = (column, row) => String.fromCharCode(97 + column) + (row + 1);
const columnOf = cell => cell.charCodeAt(0) - 97;
const rowOf = cell => cell.slice(1) - 1;

// The marks by cell, and the lines that the last move made.
function position({ rules, moves }) {
 const marks = new Map(moves.map((cell, ply) => [cell, 'XO'[ply % 2]]));
 const last = moves.at(-1);
 const lines = [];
 const made = rulesOf(rules);
 for (const [direction, across, up] of last ? [['row', 1, 0], ['column', 0, 1], ['diagonal', 1, 1], ['diagonal', 1, -1]] : []) {
  const beside = (cell, step) => cellAt(columnOf(cell) + step * across, rowOf(cell) + step * up);
  const line = [last];
  for (let cell = last; marks.get(cell = beside(cell, -1)) === marks.get(last);) line.unshift(cell);
  for (let cell = last; marks.get(cell = beside(cell, 1)) === marks.get(last);) line.push(cell);
  if (line.length >= made.inRow) lines.push({ line, direction });
 }
 return { ...made, marks, last, lines, mover: marks.get(last) };
}

const toMove = () => (is('playing') ? seatOf('XO'[plies() % 2]) : null);
const myTurn = () => me && toMove() === me;
const mayMove = () => myTurn() && !sent && link !== 'ended';
const paused = () => is('playing') && SEATS.some(seat => unheard(seat)?.type === 'away');

function winner() {
 const { type, value } = snap.ending;
 if (type !== 'on-board') return /^draw/.test(type) ? undefined : other(value);
 const mover = seatOf(board.mover);
 return board.lines.length ? (board.misere ? other(mover) : mover) : undefined;
}

function unheard(seat) {
 const { presence } = snap.seats[seat];
 if (!presence || presence.type === 'present') return null;
 return { ...presence, seconds: whole(presence.millis + now() - at) };
}

const claimIn = () => (me && is('playing') && snap.claim && snap.claim.absent !== me ? left(snap.claim.in_millis) : null);
const offerOf = own => (me && is('playing') && snap.offer && (snap.offer.by === me) === own ? snap.offer : null);
const rematchLeft = seat => (snap.seats[seat].rematch_millis ? left(snap.seats[seat].rematch_millis) : null);

function clockOf(seat) {
 const { clocks } = snap;
 if (!clocks || is('waiting')) return null;
 const runs = clocks.running === seat;
 const since = runs ? (unsaved || now()) - at : 0;
 const starts = runs ? Math.max(0, clocks.grace_millis - since) : 0;
 const rest = Math.max(0, clocks.left_millis[seat] - Math.max(0, since - clocks.grace_millis));
 return { runs, starts, rest, short: runs && !starts && rest <= 10000 };
}

const needed = () => Math.floor(snap.best_of / 2) + 1;
const champion = () => (snap.best_of ? SEATS.find(seat => snap.score.wins[seat] >= needed()) : undefined);
const goesOn = () => snap.best_of && !champion();
const game = () => snap.score.wins.host + snap.score.wins.guest + snap.score.draws + (is('over') ? 0 : 1);
const mayHostAgain = () => me && is('over') && (link === 'ended' || / left\.$/.test(absence(rival())));
const isAwaited = () => adjourned.some(match => match.code === code && match.is_opponent_there);
const up = () => link === 'up' && snap !== null;
const playing = () => up() && is('playing') && me;
// A guest may go, and come again by another name.
const isOnTrial = () => me === 'guest' && plies() < 2;
const isOwner = () => up() && me === 'host';
const mayChat = () => up() && !is('waiting');

// -- Commands --

function tell(words, millis = 6000) {
 if (words) notice = { words, until: now() + millis };
}

function place(cell) {
 if (!me || !is('playing')) return;
 if (sent) return tell('Your move is on its way.');
 if (!myTurn()) return tell('It is not your turn yet.');
 if (board.marks.has(cell)) return tell('That cell is taken.');
 sent = { match_number: snap.match_number, branch: snap.branch, ply: plies(), cell, held: paused() };
 if (!sent.held) play();
}

// Sends the move, and again after a return: it is played once.
function play() {
 const { match_number, branch, ply, cell } = sent;
 Object.assign(sent, { held: false, socket });
 send('play', { match_number, branch, ply, cell });
}

const inMatch = (type, fields) => send(type, { match_number: snap.match_number, ...fields });

const set = (type, value) => send('set', { setting: { type, value } });
const passcodeIn = typed => plain(typed, 32) || null;

function decline() {
 ended = snap.offer.number;
 send('decline', { number: ended });
}

// Leaves the room for something else.
function depart(next) {
 goal = next;
 if (link === 'up') return send('leave');
 leaveRoom();
 want(next);
}

function leave() {
 const go = () => depart(BROWSE);
 if (me && is('waiting')) dialog('Stop waiting? The room closes.', [['y', 'stop waiting', go], ['n', 'wait on']]);
 else if (me && is('over') && goesOn() && !mayHostAgain()) {
  dialog(`Leave the series against ${rivalName()}?`, [['y', 'end it and leave', go], ['n', 'stay']]);
 } else go();
}

function again() {
 if (!mayHostAgain()) return inMatch('rematch');
 const { record: { rules }, best_of, time, visibility } = snap;
 depart({ type: 'create', terms: { rules, best_of, time }, access: { type: visibility === 'public' ? visibility : 'hidden' } });
}

function say(type, value) {
 document.activeElement.blur();
 if (me && !snap.is_chat_open) tell('The chat is off; o opens it for both.');
 else send('say', { message: { type, value } });
}

// A text without what the server refuses in it.
function plain(typed, columns) {
 const visible = typed.normalize('NFC').replace(/\s+/g, ' ')
  .replace(/[\p{C}\p{M}\p{Default_Ignorable_Code_Point}\u{1F3FB}-\u{1F3FF}\uFFF0-\uFFFF]/gu, '').trim();
 // Beyond Latin, Greek and Cyrillic a character may be two columns wide.
 return [...visible].filter(letter => (columns -= letter > '\u10ff' ? 2 : 1) >= 0).join('').trim();
}
const wantedName = () => plain($('name').value, 16) || 'guest';

function codeOf(typed) {
 const [, letters, digits] = /^\s*([a-z]{4,5})[- ]?(\d\d)\s*$/i.exec(typed) || [];
 return letters && `${letters.toUpperCase()}-${digits}`;
}

function askPasscode(failed) {
 const retry = typed => want({ ...failed, passcode: passcodeIn(typed) });
 dialog(`${failed.code} needs a passcode: ask the host.`, [['', 'try it', retry], ['', 'give up']], 'passcode');
}

// -- Words, as in the terminal --

const EMOTES = { hi: 'hi', 'good-game': 'gg', oops: 'oops', wow: 'wow', thanks: 'thx', rematch: 're' };
const OFFERS = {
 draw: { key: 'd', noun: 'draw offer', verb: 'offer a draw' },
 takeback: { key: 'u', noun: 'takeback request', verb: 'ask for a takeback' },
 adjourn: { key: 'a', noun: 'offer to adjourn', verb: 'ask to adjourn' },
};
const REJECTS = {
 'too-many-attempts': 'too many wrong guesses; try later',
 'already-offered': 'one offer a move',
 'host-away': 'its host is away just now',
 barred: 'this room is closed to you',
 'address-full': 'your address holds all it may',
 'not-saving': 'the server cannot save just now',
};
const UNSAVED = 'The server cannot save just now: moves are not taken yet.';
const NUMPAD = 'bottom left,bottom middle,bottom right,left middle,the center,right middle,top left,top middle,top right'.split(',');

const spaced = name => name.replaceAll('-', ' ');
const whole = millis => Math.floor(millis / 1000);
const capital = words => words.charAt(0).toUpperCase() + words.slice(1);
const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;
const joined = (parts, by = ' ') => parts.filter(Boolean).join(by);
const minutes = seconds => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
const countdown = millis => minutes(Math.ceil(millis / 1000));

const digitOf = cell => rowOf(cell) * 3 + columnOf(cell) + 1;
const shortCell = cell => (board.classic ? String(digitOf(cell)) : cell);
const cellName = cell => (board.classic ? `${NUMPAD[digitOf(cell) - 1]} (${digitOf(cell)})` : cell);

function boardInWords(notation) {
 const { columns, rows, inRow, classic, misere } = rulesOf(notation);
 return `${columns}x${rows}${classic ? '' : `, ${inRow} in a row`}${misere ? ', a line loses' : ''}`;
}
function clockInWords(time) {
 const [first, more] = time.split('+').map(part => part.replace('m', ' min').replace('s', ' s'));
 return time === 'off' ? 'no clock' : `${first}${more ? ` and ${more} more` : ''} a move`;
}
const termsInWords = ({ rules, best_of, time }) => joined([boardInWords(rules), best_of && `best of ${best_of}`, clockInWords(time)], ', ');

function headline() {
 const won = winner();
 return !won ? 'Draw' : me && won !== me ? 'You lost' : `${who(won)} won`;
}

function reason() {
 const { type, value } = snap.ending;
 const [first] = board.lines;
 if (value) return `${who(value)} ${{ resigned: 'resigned', 'out-of-time': 'ran out of time' }[type] || 'stayed away'}`;
 if (type === 'draw-agreed') return 'Both players agreed';
 if (!first) return 'The board is full';
 return `${board.mover} ${board.misere ? 'completed' : 'has'} the ${first.direction} ${first.line.map(shortCell).join('-')}`;
}

function result() {
 const won = champion();
 const { wins } = snap.score;
 return `${headline()}. ${reason()}.${won ? ` ${who(won)} won the series ${wins[won]} to ${wins[other(won)]}.` : ''}`;
}

const line = () => joined([notice && notice.until > now() && notice.words, snap ? roomLine() : homeLine()]);

const reconnecting = () => `RECONNECTING, try ${Math.max(1, tries)}${why && ` (${why})`}`;

function homeLine() {
 if (link === 'ended') return `${capital(why)}.`;
 if (link === 'down') return `${reconnecting()}.`;
 if (goal.code || code) return `Coming into ${goal.code || code}.`;
 return !rooms ? 'Waiting for the list.' : rooms.length || adjourned[0] ? '' : 'No games here now.';
}

function roomLine() {
 const name = rivalName();
 const silence = whole(now() - heard);
 if (link === 'ended') return joined([is('over') && result(), `${capital(why)}.`, hostAgain()]);
 if (link === 'down') return downLine();
 if (silence >= (is('playing') ? 3 : 13)) return `Waiting for the server: no answer for ${silence} s.`;
 if (unsaved) return UNSAVED;
 if (!me) return `${watchLine()} You watch.`;
 if (is('over')) return `${result()} ${nextStep()}`;
 if (is('waiting')) return 'Waiting for a friend.';
 if (is('playing')) return unheard(rival()) ? absentLine() : playingLine();
 if (isAwaited()) return `Adjourned, and ${name} wants to go on: Enter goes on with it.`;
 return `Adjourned. Enter goes on, once ${name} wants to as well.`;
}

const hostAgain = () => mayHostAgain() && 'Press r to host again.';

function downLine() {
 const seat = grace - (now() - since);
 if (!me) return `${reconnecting()}, to go on watching.`;
 return joined([
  `${reconnecting()}.`,
  is('over') && result(),
  is('playing') && (seat > 0 ? `Your seat is kept ${countdown(seat)} if the server still runs.` : `${rivalName()} may have claimed the match by now.`),
 ]);
}

function absence(seat) {
 const { type, seconds, is_on_purpose: left } = unheard(seat) || {};
 if (left || snap.seats[seat].type === 'gone') return `${nameOf(seat)} left.`;
 if (type === 'silent') return `Waiting for ${nameOf(seat)}: no answer for ${seconds} s.`;
 return type && `${nameOf(seat)} lost the connection.`;
}

function watchLine() {
 const state = absence('host') || absence('guest');
 if (is('adjourned')) return 'The match is adjourned.';
 if (is('over')) return `${result()} ${state || 'The next game appears by itself.'}`;
 return state || (is('waiting') ? `Waiting for somebody to play against ${nameOf('host')}.` : turnLine());
}

function absentLine() {
 const wait = claimIn();
 return joined([
  absence(rival()),
  !paused() && mayMove() && 'You can still play your turn.',
  snap.clocks ? 'The clocks are paused.' : paused() && 'The match is paused.',
  sent?.held && 'Your move is sent when the match goes on.',
  wait === 0 ? 'W claims the win, C calls a draw, P puts it off; or wait.' : wait && `You can claim in ${countdown(wait)}.`,
 ]);
}

function playingLine() {
 const { kind, by, gone_in_millis: gone } = snap.offer || {};
 if (!kind) return turnLine();
 if (by === me) return `${turnLine()} You ${OFFERS[kind].verb}: ${rivalName()} has ${countdown(left(gone))}, ${OFFERS[kind].key} withdraws.`;
 return `${nameOf(by)} ${OFFERS[kind].verb.replace(' ', 's ')}. Shift-Y accepts, Shift-N declines${mayMove() ? ', a move declines. Your turn.' : '.'}`;
}

function turnLine() {
 if (sent) return `Waiting for the server to confirm ${cellName(sent.cell)}.`;
 const seat = toMove();
 const own = seat === me;
 const clock = clockOf(seat);
 return joined([
  own ? `Your turn${clock?.short ? `: ${countdown(clock.rest)} left` : ''}. You are ${markOf(seat)}.` : `Waiting for ${nameOf(seat)} to play ${markOf(seat)}.`,
  clock?.starts && `${own ? 'Your' : `${nameOf(seat)}'s`} clock starts in ${countdown(clock.starts)}.`,
  board.last && `${who(other(seat))} played ${cellName(board.last)}.`,
 ]);
}

function nextStep() {
 const name = rivalName();
 const next = goesOn() && `game ${game() + 1}`;
 const [own, theirs] = [me, rival()].map(rematchLeft);
 const gone = absence(rival());
 if (gone) return joined([gone, hostAgain()]);
 if (own !== null) return `Waiting for ${name} to ${next ? `be ready for ${next}` : 'want a rematch'}, ${countdown(own)}.`;
 if (theirs !== null) return `${name} ${next ? `is ready for ${next}` : 'wants a rematch'}: r within ${countdown(theirs)}.`;
 return `Press r for ${next ? 'the next game' : 'a rematch'}.`;
}

// -- The view --

// What others say enters the page as text alone.
function make(tag, properties, ...children) {
 const element = Object.assign(document.createElement(tag), properties);
 element.append(...children);
 return element;
}
// What has not changed is left alone, for the sake of screen readers.
function put(element, properties) {
 for (const key in properties) if (element[key] !== properties[key]) element[key] = properties[key];
}
const write = (element, textContent, className = element.className) => put(element, { textContent, className });

// Letters and marks: rows of pixels, each a digit in base 32.
const GLYPHS = { x: 'ha44ah', o: 'ehhhhe' };
for (const [, letter, rows] of ('A75755B65656C74447D65556E74647F74644G74557H55755I72227J11157K56465L44447MhrlhhN9db99O75557P75744Q75571' +
 'R65655S34216T72222U55557V55552WhhlrhX55255Y55722Z71247075557126227271747371717455711574717674757771111875757975717-00700 00000').matchAll(/(.)(.{5})/g)) GLYPHS[letter] = rows;

function pixels(word, role) {
 const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
 const path = document.createElementNS(svg.namespaceURI, 'path');
 let [x, height, d] = [0, 0, ''];
 for (const letter of word) {
  const rows = [...GLYPHS[letter]].map(row => parseInt(row, 32));
  const width = 32 - Math.clz32(Math.max(...rows));
  rows.forEach((row, y) => {
   for (let bit = 0; bit < width; bit += 1) if (row >> (width - 1 - bit) & 1) d += `M${x + bit} ${y}h1v1h-1z`;
  });
  [x, height] = [x + width + 1, rows.length];
 }
 path.setAttribute('d', d);
 svg.setAttribute('viewBox', `0 0 ${x - 1} ${height}`);
 svg.setAttribute('class', role);
 svg.append(path);
 return svg;
}

function bigWord(element, word, role) {
 if (element.ariaLabel === word) return;
 put(element, { role: 'img', ariaLabel: word });
 element.replaceChildren(pixels(word, role));
}

let announced = '';
function announce(words) {
 $('news').append(make('p', { textContent: words }));
 if ($('news').children.length > 3) $('news').firstChild.remove();
}

function render() {
 const words = line();
 // A time that merely runs is no news.
 const shape = words.replace(/\d+:\d\d|\d+ s\b|try \d+/g, '#');
 if (words && shape !== announced) announce(words);
 announced = shape;
 for (const { button, when, label } of ACTS) {
  const may = when();
  if (!button) continue;
  put(button, { hidden: !may });
  if (may && label.call) write(button.lastChild, ` ${label()}`);
 }
 const plays = snap && !is('waiting');
 const visible = {
  home: !snap, room: snap, waiting: is('waiting'), players: plays, board: plays, talk: plays, aside: plays,
  result: is('over'), say: mayChat(), emotes: mayChat(),
 };
 for (const id in visible) put($(id), { hidden: !visible[id] });
 write($('code'), code || '');
 write($(snap ? 'line' : 'count'), words || count(rooms.length, 'game'));
 const round = rtt === null ? '' : rtt < 1000 ? '<1 ms' : `${whole(rtt)} ms`;
 write($('link'), joined([link === 'down' ? '! link down' : round, snap && `${snap.watchers} watching`], ' · '));
 const title = link === 'down' ? 'Reconnecting' : !snap ? '' : is('over') ? headline() : mayMove() ? 'Your turn' : code;
 document.title = joined([title, 'oxo'], ' · ');
 if (snap) renderRoom();
 else renderHome();
 const focused = document.activeElement;
 if (settle && (focused === document.body || focused.closest('[hidden]'))) {
  if (is('playing') && matchMedia('(pointer: fine)').matches) focusCell();
  else $('main').focus();
 }
 settle = false;
}

function renderHome() {
 write($('facts'), 'games on this server');
 const rows = [
  ...adjourned.map(({ code, opponent, is_opponent_there: there }) => [code, 'join', `your adjourned match against ${opponent}`, '', there ? 'is there' : 'is kept', there]),
  ...(rooms || []).map(({ code, host, guest, terms, is_locked: locked, seconds }) => {
   const waits = `waits ${minutes(seconds + whole(now() - listedAt))}`;
   return [code, guest ? 'watch' : 'join', host, termsInWords(terms), guest ? `v. ${guest}` : locked ? 'locked' : waits, !guest && !locked];
  }),
 ];
 const list = $('rooms');
 while (list.children.length > rows.length) list.lastChild.remove();
 rows.forEach(([code, type, name, terms, state, open], nth) => {
  const item = list.children[nth] || list.appendChild(make('li', {}, make('button', {}, ...[0, 1, 2, 3, 4].map(() => make('span')))));
  [code, name, state, terms, type].forEach((words, nth) => write(item.firstChild.children[nth], words));
  item.firstChild.onclick = () => want({ type, code, passcode: null });
  item.className = open ? 'open' : '';
 });
}

function renderRoom() {
 const { score: { draws }, record: { rules, moves }, best_of, time } = snap;
 write($('facts'), joined([termsInWords({ rules, best_of, time }), `game ${game()}`, draws && count(draws, 'draw')], ' · '));
 if (is('waiting')) renderWaiting();
 else renderBoard();
 if (is('over')) {
  const won = winner();
  const lost = me && won && won !== me;
  bigWord($('result'), !won ? 'DRAW' : lost ? 'YOU LOST' : me ? 'YOU WON' : `${markOf(won)} WON`, !won ? '' : lost ? 'lost' : markOf(won));
 }
 renderPlayers();
 $('ask-acts').className = link === 'down' || claimIn() !== null ? 'bad' : '';
 renderTalk();
 write($('moves'), `Moves: ${moves.map(shortCell).join(' ')}`);
}

function renderWaiting() {
 bigWord($('big-code'), code, 'X');
 const host = location.host.replace(/^(localhost|127[.\d]*|\[::1\])/, 'THIS-MACHINE');
 write($('open'), `${location.protocol}//${host}/${code}`);
 write($('type'), `oxo join ${code}@${host}`);
 write($('who'), {
  public: 'everybody',
  hidden: 'people with the code',
  locked: 'people with the passcode',
 }[snap.visibility]);
}

function renderPlayers() {
 for (const seat of SEATS) {
  const [mark, name, time, note, state] = $(seat).children;
  const wins = snap.score.wins[seat];
  const clock = clockOf(seat);
  write(mark, markOf(seat));
  write(name, nameOf(seat));
  write(time, clock ? countdown(clock.rest) : '', clock?.short ? 'bad' : clock?.runs ? 'runs' : '');
  write(note, `${count(wins, 'win')}${seat === me ? ' · you' : ''}`);
  write(state, ...stateOf(seat));
  put($(seat), { className: `${markOf(seat)}${toMove() === seat ? ' turn' : ''}` });
 }
}

function stateOf(seat) {
 const own = seat === me;
 const absent = !own && unheard(seat);
 if (snap.seats[seat].type === 'gone') return ['left', 'bad'];
 if (absent) return is('adjourned') ? ['not here', ''] : [absent.type === 'away' ? `! away ${minutes(absent.seconds)}` : `! silent ${absent.seconds} s`, 'bad'];
 if (own && link === 'down') return ['! link down', 'bad'];
 if (toMove() === seat) return own && sent ? ['sent?', 'bad'] : [paused() ? 'waiting' : 'to move', 'mine'];
 return rematchLeft(seat) === null ? ['', ''] : ['ready', 'good'];
}

function renderTalk() {
 const list = $('said');
 if (list.talk === talk) return;
 list.talk = talk;
 list.replaceChildren(...talk.map(({ role, name, words }) => make('li', {},
  make('b', { textContent: name, className: role ? markOf(role) : '' }), ` ${words}`,
  role ? '' : make('span', { className: 'faint', textContent: ' (watches)' }))));
 list.scrollTop = list.scrollHeight;
}

const cells = new Map();

function renderBoard() {
 if ($('board').dataset.size !== `${board.columns}x${board.rows}`) buildBoard($('board'), board);
 const won = new Set(snap.ending?.type === 'on-board' ? board.lines.flatMap(({ line }) => line) : []);
 const may = mayMove();
 const at = cursorCell();
 for (const [cell, button] of cells) {
  const own = sent?.cell === cell;
  const last = cell === board.last;
  const mark = own ? markOf(me) : board.marks.get(cell) || '';
  if (button.dataset.mark !== mark) {
   button.dataset.mark = mark;
   button.replaceChildren(...(mark ? [pixels(mark.toLowerCase(), mark)] : []));
  }
  put(button, {
   className: joined([own && 'sent', last && 'last', won.has(cell) ? 'won' : mark && is('over') && 'dim', cell === chosen && 'chosen']),
   ariaLabel: joined([cellName(cell), mark || 'free', own && 'sent', last && 'last move', won.has(cell) && 'in the line'], ', '),
   ariaDisabled: String(!may || mark !== ''),
   tabIndex: cell === at ? 0 : -1,
  });
 }
}

function buildBoard(place, { columns, rows, classic }) {
 place.dataset.size = `${columns}x${rows}`;
 place.style.setProperty('--columns', columns);
 place.style.setProperty('--rows', rows);
 place.className = classic ? 'classic' : '';
 cells.clear();
 const label = textContent => make('span', { textContent, ariaHidden: 'true' });
 const all = [label('')];
 for (let column = 0; column < columns; column += 1) all.push(label(cellAt(column, 0)[0]));
 for (let row = rows - 1; row >= 0; row -= 1) {
  all.push(label(row + 1));
  for (let column = 0; column < columns; column += 1) {
   const cell = cellAt(column, row);
   const button = make('button', { onclick: event => press(cell, event), onfocus: () => { cursor = cell; } });
   if (classic) button.dataset.digit = digitOf(cell);
   cells.set(cell, button);
   all.push(button);
  }
 }
 place.replaceChildren(...all);
}

// Where cells are smaller than a finger, the first touch chooses and the second places.
function press(cell, { pointerType, target }) {
 const first = pointerType === 'touch' && target.offsetWidth < 30 && mayMove() && chosen !== cell;
 chosen = first ? cell : null;
 if (first) tell(`Tap ${cell} again to place.`);
 else place(cell);
 render();
}

const cursorCell = () => cursor || board.last || cellAt(board.columns >> 1, board.rows >> 1);
const focusCell = () => cells.get(cursorCell()).focus();

function moveCursor(across, up) {
 const cell = cursorCell();
 const within = (value, count) => Math.max(0, Math.min(count - 1, value));
 if (document.activeElement === cells.get(cell)) {
  cursor = cellAt(within(columnOf(cell) + across, board.columns), within(rowOf(cell) + up, board.rows));
 }
 focusCell();
}

// Asks a question with buttons and, if there is a label, a line to type; null closes it.
function dialog(title, buttons, label) {
 const box = $('dialog');
 if (box.open) box.close();
 if (title === null) return;
 const input = label && make('input', { maxLength: 32, ariaLabel: label, autocomplete: 'off' });
 write($('dialog-title'), title);
 $('dialog-body').replaceChildren(...(input ? [input] : []));
 $('dialog-acts').replaceChildren(...buttons.map(([key, words, run]) => button(key, words, () => {
  box.close();
  run?.(input?.value);
 })));
 box.showModal();
 // Enter alone decides nothing.
 (input || $('dialog-acts').lastChild).focus();
}

// -- Keys and buttons --

const mayAnswer = () => playing() && offerOf(false);
const mayOffer = kind => playing() && !paused() && (snap.offer || { by: me, kind }).by === me && (snap.offer?.kind || kind) === kind;
const offers = (key, place, kind) => [key, place, () => (snap.offer ? 'withdraw it' : kind), () => mayOffer(kind), () => {
 if (snap.offer) decline();
 else inMatch('offer', { kind });
}];
// A running match keeps its seat.
const mayLeave = () => snap && (!me || !is('playing') || link === 'ended' || isOnTrial() || (link === 'down' && now() - since > grace));
const mayClaim = () => playing() && claimIn() === 0;
const claims = claim => () => inMatch('claim', { claim });

// The key, the place of the button, its label, when it works, what it does.
const ACTS = [
 ['q', 'home', 'play', () => !snap, () => want(QUICK)],
 ['h', '', '', () => !snap, () => {
  $('hosting').open = true;
  $('rules').focus();
 }],
 ['j', '', '', () => !snap, () => $('join-code').focus()],
 ['Enter', 'ask', 'try now', () => snap && link === 'down', dial],
 ['Y', 'ask', 'accept', mayAnswer, () => {
  if (left(snap.offer.opens_in_millis)) tell('An offer can be accepted after one second.');
  else send('accept', { number: snap.offer.number });
 }],
 ['N', 'ask', 'decline', mayAnswer, decline],
 ['W', 'ask', 'claim the win', mayClaim, claims('win')],
 ['C', 'ask', 'call it a draw', mayClaim, claims('draw')],
 ['P', 'ask', 'put it off', mayClaim, claims('adjourn')],
 ['Enter', 'ask', 'go on', () => up() && me && is('adjourned'), () => {
  tell(`You want to go on; ${rivalName()} is told.`);
  send('join', { code, passcode: null });
 }],
 ['r', 'ask', () => (mayHostAgain() ? 'host again' : goesOn() ? 'next game' : 'rematch'),
  () => mayHostAgain() || (up() && me && is('over') && rematchLeft(me) === null), again],
 offers('d', 'room', 'draw'),
 offers('u', 'room', 'takeback'),
 ['R', 'room', 'resign', () => up() && me && (is('playing') || is('adjourned')), () => {
  dialog(`Resign the match against ${rivalName()}?`, [['y', 'resign', () => inMatch('resign')], ['n', 'play on']]);
 }],
 ['Escape', 'room', () => (me && is('waiting') ? 'stop waiting' : 'leave'), mayLeave, leave],
 ['t', '', '', mayChat, () => $('words').focus()],
 ['e', '', '', mayChat, () => $('emotes').firstChild.focus()],
 ['o', 'talk', 'open the chat', () => mayChat() && me && !snap.is_chat_open, () => set('open-chat')],
 offers('a', 'more', 'adjourn'),
 ['m', 'more', () => (muted ? 'unmute' : 'mute'), mayChat, () => {
  muted = !muted;
  tell(muted ? 'Muted: the chat of others is hidden, and offers are declined.' : 'No longer muted.');
 }],
 ['b', 'more', () => (blocked ? 'unblock' : 'block'), () => up() && me && !is('waiting'), () => {
  blocked = !blocked;
  set('block', blocked);
  tell(blocked ? 'Blocked from your rooms. b undoes it.' : 'No longer blocked from your rooms.');
 }],
 ['s', 'more', () => (snap.watchers_may_chat ? 'mute watchers' : 'hear watchers'), isOwner, () => set('watchers-may-chat', !snap.watchers_may_chat)],
 ['w', 'more', () => (snap.is_watchable ? 'forbid watching' : 'allow watching'), isOwner, () => set('watchable', !snap.is_watchable)],
 ['?', '', '', () => snap && !is('waiting'), () => {
  $('aside').open = true;
  $('keys').focus();
 }],
].map(([key, place, label, when, run]) => ({ key, label, when, run, place: $(`${place}-acts`) }));

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1], h: [-1, 0], l: [1, 0], k: [0, 1], j: [0, -1] };

document.addEventListener('keydown', event => {
 const { key, target } = event;
 if (event.ctrlKey || event.altKey || event.metaKey || (key === 'Enter' && target.matches('button, summary'))) return;
 if (target.matches('input, select')) return void (key === 'Escape' && target.blur());
 if ($('dialog').open) {
  const found = [...$('dialog-acts').children].find(({ value }) => value === key.toLowerCase());
  if (found) found.click();
  else return;
 } else if (target.closest('#emotes') && /^[1-6]$/.test(key)) $('emotes').children[key - 1].click();
 else if (snap && !is('waiting') && ARROWS[key]) moveCursor(...ARROWS[key]);
 else if (is('playing') && board.classic && /^[1-9]$/.test(key)) place(cellAt((key - 1) % 3, Math.floor((key - 1) / 3)));
 else {
  const act = ACTS.find(act => act.key === key && act.when());
  if (!act) return;
  act.run();
 }
 event.preventDefault();
 render();
});

function button(key, label, run) {
 const onclick = () => {
  run();
  render();
 };
 return make('button', { type: 'button', value: key, onclick }, key && make('kbd', { textContent: key === 'Escape' ? 'Esc' : key }), ` ${label}`);
}

for (const act of ACTS) {
 if (act.place) act.place.append(act.button = button(act.key, act.label, act.run));
}
Object.entries(EMOTES).forEach(([emote, word], nth) => $('emotes').append(button(nth + 1, word, () => say('emote', emote))));
for (const seat of SEATS) $('players').append(make('li', { id: seat }, ...['b', 'b', 'span', 'span', 'span'].map(tag => make(tag))));

function submits(id, run) {
 $(id).onsubmit = () => {
  run();
  render();
  return false;
 };
}
submits('play', () => want(QUICK));
submits('join', () => {
 const code = codeOf($('join-code').value);
 if (code) want({ type: 'join', code, passcode: null });
 else tell('A code is four or five letters and two digits, such as KITE-42.');
});
submits('host-form', () => {
 const [rules, best_of, time, type, passcode] = [...$('host-form').elements].map(({ value }) => value);
 const value = passcodeIn(passcode);
 want({
  type: 'create',
  terms: { rules, best_of: Number(best_of) || null, time },
  access: value ? { type: 'passcode', value } : { type },
 });
});
submits('say', () => {
 const words = plain($('words').value, 120);
 if (words) say('line', words);
 $('words').value = '';
});
$('dialog-form').onsubmit = () => $('dialog-acts').firstChild.click();

$('name').value = store('local', 'oxo-name') || '';
$('name').onchange = () => store('local', 'oxo-name', plain($('name').value, 16));
token = store('session', 'oxo-token') || null;
const invited = codeOf(location.pathname.slice(1));
if (invited) goal = { type: 'join', code: invited, passcode: null };

let ticked = now();
setInterval(() => {
 // After a sleep, what has come meanwhile is heard first.
 if (now() - ticked > 3000) heard = now();
 ticked = now();
 if (socket && now() - heard > (is('playing') ? 10000 : 20000)) {
  const silent = socket;
  closed('', 'nothing was heard for too long');
  silent.close();
 }
 if (link === 'down' && !socket && now() >= retryAt) dial();
 render();
}, 250);
dial();
render();
