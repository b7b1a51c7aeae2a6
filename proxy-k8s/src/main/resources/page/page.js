// The admin page. All that comes from the agent is set as text, never as markup.
'use strict';

const INTERVAL_MS = 1000;
const PER_PAGE = 25;
const POINTS = 60;
const CHANGES = 12;
const BACKENDS_IN_ROW = 64;
const SVG = 'http://www.w3.org/2000/svg';

const $ = id => document.getElementById(id);
let after = '';
let next = null;
const opened = new Set();
const problemsOf = new Map();
let lastTotals = null;

// Elements.

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function svg(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// Sets text only where it differs, so that what somebody has selected stays so.
function say(into, text) {
  text = String(text);
  if (into.textContent !== text) into.textContent = text;
}

function mark(what, className, on) {
  if (what.classList.contains(className) !== on) what.classList.toggle(className, on);
}

// Shows items as children of an element: each keeps its element for as long as it is there.
const shown = new Map();
function show(into, items, keyOf, make) {
  const before = shown.get(into) || new Map();
  const now = new Map();
  for (const item of items) {
    const key = keyOf(item);
    const view = before.get(key) || make(item);
    view.update(item);
    now.set(key, view);
  }
  shown.set(into, now);
  for (const [key, view] of before) if (!now.has(key)) view.element.remove();
  let place = null;
  for (const view of [...now.values()].reverse()) {
    const right = view.element.parentNode === into && view.element.nextSibling === place;
    if (!right) into.insertBefore(view.element, place);
    place = view.element;
  }
}

// Words.

function bytes(count) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) { count /= 1024; unit++; }
  return (unit ? count.toFixed(1) : Math.round(count)) + ' ' + units[unit];
}

function number(count) {
  return count >= 1e7 ? (count / 1e6).toFixed(1) + ' M' : Math.round(count).toLocaleString('en-US');
}

function rate(count) {
  return count > 0 && count < 10 ? count.toFixed(1) : number(count);
}

function time(seconds) {
  if (seconds < 1) return Math.round(seconds * 1000) + ' ms';
  if (seconds < 60) return seconds.toFixed(1) + ' s';
  if (seconds < 3600) return Math.floor(seconds / 60) + ' min';
  if (seconds < 86400) return (seconds / 3600).toFixed(1) + ' h';
  return (seconds / 86400).toFixed(1) + ' d';
}

function named(port) {
  return port.namespace + '/' + port.service;
}

function keyOf(port) {
  return named(port) + ':' + port.port + '/' + port.protocol + '/' + port.family;
}

function at(vip) {
  return (vip.address.includes(':') ? '[' + vip.address + ']' : vip.address) + ':' + vip.port;
}

function failed(count, last) {
  return count + (count === 1 ? ' connection' : ' connections') + ' in a row failed' + (last ? ', last ' + last : '');
}

// The agent.

async function ask(path, query) {
  const answer = await fetch(path + '?' + new URLSearchParams(query || {}));
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return body;
}

function tiles(status) {
  const totals = status.totals;
  const now = performance.now();
  const last = lastTotals || {totals: totals, at: now - INTERVAL_MS};
  const seconds = Math.max(0.001, (now - last.at) / 1000);
  const per = field => (totals[field] - last.totals[field]) / seconds;
  lastTotals = {totals: totals, at: now};
  const state = status.state;
  const all = [
    ['Live flows', number(totals.liveFlows)],
    ['New/s', rate(per('openedFlows'))],
    ['From clients', bytes(per('receivedBytes')) + '/s'],
    ['To clients', bytes(per('returnedBytes')) + '/s'],
    ['Failed/s', rate(per('connectFailures')), per('connectFailures') > 0],
    ['Ejected', number(status.ejectedCount), status.ejectedCount > 0],
    ['Services', number(totals.services)],
    ['Backends', number(totals.backends)],
    state.waitingSeconds > 1 ? ['A change waits', time(state.waitingSeconds), true]
      : ['Last change', state.appliedSecondsAgo === null ? 'none' : time(state.appliedSecondsAgo) + ' ago'],
  ];
  show($('tiles'), all.map(([name, value, alarm], place) => ({name, value, alarm, place})), tile => tile.place, () => {
    const box = element('div');
    const name = element('dt');
    const value = element('dd');
    box.append(name, value);
    return {element: box, update(tile) { say(name, tile.name); say(value, tile.value); mark(box, 'alarm', Boolean(tile.alarm)); }};
  });
}

function facts(status) {
  const totals = status.totals;
  const lines = [
    ['source', status.source],
    ['capture', status.capture],
    ['transport', status.transport + ', ' + status.eventLoops + ' event loops'],
    ['state', status.state.appliedSecondsAgo === null ? 'none yet'
      : 'number ' + status.state.generation + ', applied ' + time(status.state.appliedSecondsAgo)
        + ' ago in ' + time(status.state.lastApplySeconds)],
    ['serves', totals.services + ' Services, ' + totals.servicePorts + ' service ports, ' + totals.frontends
      + ' frontends, ' + totals.backends + ' backends'],
    ['flows', totals.liveFlows + ' live, ' + totals.openedFlows + ' since the start, '
      + totals.stickyClients + ' clients that stick'],
    ['failures', totals.connectFailures + ' connects, ' + totals.acceptPauses + ' pauses of accepting'],
  ];
  if (status.api) {
    lines.splice(4, 0, ['API server', (status.api.watching ? 'watching' : 'not watching')
      + ', heard of ' + time(status.api.contactAgeSeconds) + ' ago'
      + (status.api.stale ? '; what is served is unconfirmed' : '')]);
  }
  show($('state'), lines.flatMap(([name, text]) => [{key: name, is: 'dt', text: name}, {key: '=' + name, is: 'dd', text}]),
    line => line.key, line => {
      const made = element(line.is);
      return {element: made, update(now) { say(made, now.text); }};
    });
}

// A problem of a Service leads to it.
function problem(item) {
  const made = element('li');
  const of = /^Service (.+)$/.exec(item.object);
  const who = of ? element('button', of[1], 'link') : element('strong', item.object);
  if (of) who.addEventListener('click', () => find(of[1]));
  const what = element('span');
  made.append(who, what);
  return {element: made, update(now) { say(what, (now.field ? ' ' + now.field : '') + ': ' + now.message); }};
}

function showProblems(status) {
  const ejected = status.ejected.map(e => ({object: 'Service ' + e.service, field: 'endpoint ' + e.backend,
    message: 'ejected, connections are led round it: ' + failed(e.failures, e.lastFailure)}));
  const all = [...ejected, ...status.problems];
  const count = status.problemCount + status.ejectedCount;
  say($('problem-count'), count ? count + (count > all.length ? ', the first ' + all.length : '') : '');
  $('no-problems').hidden = count > 0;
  show($('problems'), all, p => p.object + '\n' + p.field + '\n' + (p.field.startsWith('endpoint ') ? '' : p.message), problem);
}

// Services.

function shares(backends, width) {
  const picture = svg('svg', {class: 'shares', viewBox: '0 0 100 10', preserveAspectRatio: 'none', role: 'img'});
  const title = svg('title', {});
  picture.append(title);
  return {
    element: picture,
    update(now) {
      const total = now.reduce((sum, b) => sum + b.liveFlows, 0);
      const some = now.slice(0, BACKENDS_IN_ROW);
      say(title, now.length + ' backends, ' + total + ' live flows');
      const parts = [];
      let from = 0;
      for (const backend of some) {
        const part = 100 * (total ? backend.liveFlows / total : 1 / some.length);
        const kind = backend.state === 'serving' ? (total ? '' : 'empty') : backend.state;
        // One that is ejected is seen even if it has no flow.
        const wide = Math.max(part, backend.state === 'ejected' ? 4 : 0);
        parts.push(svg('rect', {x: from, y: 0, width: Math.max(0, wide - 0.8), height: 10, class: kind}));
        from += wide;
      }
      picture.setAttribute('viewBox', '0 0 ' + Math.max(1, from) + ' 10');
      picture.replaceChildren(title, ...parts);
    },
  };
}

function backendRow() {
  const row = element('tr');
  const where = element('td');
  const state = element('td');
  const share = element('td');
  const bar = svg('svg', {class: 'shares', viewBox: '0 0 100 10', preserveAspectRatio: 'none'});
  const full = svg('rect', {x: 0, y: 0, width: 100, height: 10, class: 'empty'});
  const part = svg('rect', {x: 0, y: 0, width: 0, height: 10});
  const count = element('div', undefined, 'small');
  bar.append(full, part);
  share.append(bar, count);
  row.append(where, state, share);
  return {
    element: row,
    update({backend, total}) {
      say(where, backend.address);
      say(state, backend.state + (backend.failures > 0 ? ': ' + failed(backend.failures, backend.lastFailure) : ''));
      if (state.className !== backend.state) state.className = backend.state;
      part.setAttribute('width', total ? 100 * backend.liveFlows / total : 0);
      say(count, number(backend.liveFlows) + ' live, ' + number(backend.openedFlows) + ' since the start');
    },
  };
}

function detail(port) {
  const cell = element('td');
  cell.colSpan = 8;
  const rules = element('p', undefined, 'small');
  const problems = element('ul', undefined, 'problems');
  const verdicts = element('p', undefined, 'bad');
  const table = element('table', undefined, 'backends');
  const body = element('tbody');
  table.append(body);
  const vips = element('p', undefined, 'small');
  cell.append(problems, rules, verdicts, element('h3', 'Backends, by live flows'), table, element('h3', 'VIPs; ask why a client is led where'), vips);
  return {
    element: cell,
    update(now) {
      say(rules, now.protocol + ' over ' + now.family + ', ' + now.balance
        + (now.affinitySeconds === null ? '' : ', a client sticks for ' + time(now.affinitySeconds)));
      const refused = now.servedTo.filter(s => s.verdict !== 'forward');
      verdicts.hidden = refused.length === 0;
      say(verdicts, refused.map(s => 'Refuses clients of ' + s.clients + ': '
        + (s.verdict === 'reject' ? 'no endpoint anywhere' : 'a Local traffic policy, and no endpoint here')).join('. '));
      const total = now.backends.reduce((sum, b) => sum + b.liveFlows, 0);
      show(body, now.backends.map(backend => ({backend, total})), b => b.backend.address, backendRow);
      show(vips, now.vips, vip => vip.kind + at(vip), vip => {
        const button = element('button', vip.kind + ' ' + at(vip), 'link');
        const box = element('span');
        box.append(button, ' ');
        button.addEventListener('click', () => askWhy(vip, now.protocol));
        return {element: box, update() {}};
      });
      show(problems, problemsOf.get(named(now)) || [], p => p.field + '\n' + p.message, problem);
    },
  };
}

function service(port) {
  const body = element('tbody', undefined, 'service');
  const row = element('tr');
  const title = element('td');
  const name = element('button', named(port) + (port.port ? ':' + port.port : ''), 'link name');
  const spark = svg('svg', {class: 'spark', viewBox: '0 0 ' + (POINTS - 1) + ' 10', preserveAspectRatio: 'none', 'aria-hidden': true});
  const line = svg('polyline', {});
  spark.append(line);
  title.append(name, spark);
  const vip = element('td');
  const cells = ['Live', 'New/s', 'In/s', 'Out/s', 'Failed/s'].map(text => {
    const cell = element('td', '', 'n');
    cell.dataset.name = text;
    return cell;
  });
  const backends = element('td');
  const bars = shares();
  const about = element('div', undefined, 'small');
  backends.append(bars.element, about);
  row.append(title, vip, ...cells, backends);
  const more = element('tr', undefined, 'detail');
  const inside = detail(port);
  more.append(inside.element);
  body.append(row, more);
  const key = keyOf(port);
  name.addEventListener('click', () => {
    if (!opened.delete(key)) opened.add(key);
    refresh();
  });
  const points = [];
  let last = null;
  return {
    element: body,
    update(now) {
      const time = performance.now();
      const seconds = last ? Math.max(0.001, (time - last.time) / 1000) : 1;
      const per = field => last ? (now.traffic[field] - last.traffic[field]) / seconds : 0;
      points.push(per('openedFlows'));
      if (points.length > POINTS) points.shift();
      const most = Math.max(...points, 1);
      mark(spark, 'quiet', Math.max(...points) === 0);
      line.setAttribute('points', points.map((p, i) => (POINTS - points.length + i) + ',' + (9.5 - 9 * p / most)).join(' '));
      say(vip, now.vips.slice(0, 3).map(v => v.kind + ' ' + at(v)).join(', ')
        + (now.vips.length > 3 ? ' and ' + (now.vips.length - 3) + ' more' : ''));
      say(cells[0], number(now.traffic.liveFlows));
      say(cells[1], rate(per('openedFlows')));
      say(cells[2], bytes(per('receivedBytes')));
      say(cells[3], bytes(per('returnedBytes')));
      say(cells[4], rate(per('connectFailures')));
      mark(cells[4], 'bad', per('connectFailures') > 0);
      bars.update(now.backends);
      const ejected = now.backends.filter(b => b.state === 'ejected').length;
      const refuses = now.servedTo.some(s => s.verdict !== 'forward');
      const count = now.backends.length;
      say(about, (count === 0 ? 'no backend' : count === 1 ? '1 backend' : count + ' backends')
        + (ejected ? ', ' + ejected + ' ejected' : '') + (refuses ? ', refuses clients' : ''));
      mark(about, 'bad', ejected > 0);
      mark(bars.element, 'quiet', count === 0);
      const open = opened.has(key);
      more.hidden = !open;
      mark(body, 'open', open);
      name.setAttribute('aria-expanded', open);
      if (open) inside.update(now);
      last = {traffic: now.traffic, time: time};
    },
  };
}

function showServices(services) {
  say($('service-count'), number(services.total) + (services.total === 1 ? ' service port' : ' service ports'));
  $('no-services').hidden = services.total > 0;
  show($('services'), services.ports, keyOf, service);
  next = services.next;
  $('next').disabled = next === null;
  $('first').disabled = after === '';
}

function find(name) {
  $('search').value = name;
  after = '';
  openWhenFound = name;
  refresh();
  $('services-title').scrollIntoView();
}
let openWhenFound = null;

function openFound(services) {
  if (openWhenFound === null) return;
  for (const port of services.ports) if (named(port) === openWhenFound) opened.add(keyOf(port));
  openWhenFound = null;
}

async function askProblems(services) {
  const names = new Set(services.ports.filter(p => opened.has(keyOf(p))).map(named));
  for (const name of [...problemsOf.keys()]) if (!names.has(name)) problemsOf.delete(name);
  for (const name of names) {
    problemsOf.set(name, (await ask('/v1/problems', {object: 'Service ' + name})).problems);
  }
}

// Changes.

function change() {
  const row = element('tr');
  const when = element('td');
  const what = element('td');
  const counts = element('span', undefined, 'small');
  const names = element('div');
  what.append(counts, names);
  const after = element('td', '', 'n');
  after.dataset.name = 'Served after';
  const trigger = element('td', '', 'n');
  trigger.dataset.name = 'Since the pod changed';
  row.append(when, what, after, trigger);
  return {
    element: row,
    update(now) {
      say(when, new Date(now.at).toLocaleTimeString());
      when.title = now.at;
      const total = now.added + now.changed + now.gone;
      say(counts, [[now.added, 'added'], [now.changed, 'changed'], [now.gone, 'gone']]
        .filter(([count]) => count > 0).map(([count, word]) => count + ' ' + word).join(', '));
      say(names, now.services.slice(0, 4).join(', ') + (total > 4 ? ' and ' + (total - 4) + ' more' : ''));
      say(after, time(now.servedAfterSeconds));
      say(trigger, now.sinceTriggerSeconds === null ? '-' : time(now.sinceTriggerSeconds));
    },
  };
}

function showChanges(report) {
  $('no-changes').hidden = report.changes.length > 0;
  $('changes').hidden = report.changes.length === 0;
  show($('changes-body'), report.changes, c => c.generation, change);
}

// Why.

function askWhy(vip, protocol) {
  $('why-vip').value = vip.address === '*' ? '' : at(vip);
  $('why-protocol').value = protocol;
  $('why-title').scrollIntoView();
  $('why-client').focus();
}

async function why(event) {
  event.preventDefault();
  const out = $('why-answer');
  try {
    const answer = await ask('/v1/why', {
      client: $('why-client').value.trim(), vip: $('why-vip').value.trim(), protocol: $('why-protocol').value});
    const steps = element('dl', undefined, 'facts');
    for (const step of answer.steps) steps.append(element('dt', step.about), element('dd', step.finding));
    const list = element('ul');
    for (const backend of answer.backends) {
      list.append(element('li', (backend.eligible ? '' : 'left out: ') + backend.address + ', ' + backend.state
        + (backend.node ? ' on ' + backend.node : '') + (backend.why ? ': ' + backend.why : ''),
        backend.eligible ? '' : 'weak'));
    }
    out.replaceChildren(element('p', answer.summary, answer.outcome === 'refused' ? 'bad' : ''), steps, list);
  } catch (failure) {
    out.replaceChildren(element('p', failure.message, 'bad'));
  }
}

// One round after the other.

let asking = null;
let again = false;

async function round() {
  try {
    const status = await ask('/v1/status');
    const services = await ask('/v1/services', {search: $('search').value.trim(), after: after, limit: PER_PAGE});
    openFound(services);
    await askProblems(services);
    const changes = await ask('/v1/changes', {limit: CHANGES});
    tiles(status);
    facts(status);
    showProblems(status);
    showServices(services);
    showChanges(changes);
    say($('about'), status.version + ' on node ' + status.node + ', up ' + time(status.upSeconds));
    mark($('about'), 'bad', false);
    document.title = (status.ejectedCount + status.problemCount > 0 ? '(!) ' : '') + 'Fairlead ' + status.node;
  } catch (failure) {
    say($('about'), 'no answer from the agent: ' + failure.message);
    mark($('about'), 'bad', true);
  }
}

// Whoever asks while a round is under way gets another after it.
async function refresh() {
  if (asking) { again = true; return asking; }
  asking = (async () => {
    do { again = false; await round(); } while (again);
    asking = null;
  })();
  return asking;
}

$('why-form').addEventListener('submit', why);
$('search-form').addEventListener('submit', event => { event.preventDefault(); after = ''; refresh(); });
$('search').addEventListener('input', () => { after = ''; refresh(); });
$('first').addEventListener('click', () => { after = ''; refresh(); });
$('next').addEventListener('click', () => { if (next !== null) { after = next; refresh(); } });

(async function always() {
  if (!document.hidden) await refresh();
  setTimeout(always, INTERVAL_MS);
})();
