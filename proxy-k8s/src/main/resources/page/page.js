// The admin page. All that comes from the agent is set as text, never as markup.
'use strict';

const INTERVAL_MS = 2000;
const PER_PAGE = 25;
const POINTS = 30;

const $ = id => document.getElementById(id);
let after = '';
let next = null;
let before = new Map();
let beforeTime = 0;
const history = new Map();

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

async function ask(path, query) {
  const answer = await fetch(path + '?' + new URLSearchParams(query || {}));
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return body;
}

function bytes(count) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) { count /= 1024; unit++; }
  return (unit ? count.toFixed(1) : Math.round(count)) + ' ' + units[unit];
}

function time(seconds) {
  if (seconds < 60) return seconds.toFixed(1) + ' s';
  if (seconds < 3600) return Math.floor(seconds / 60) + ' min';
  if (seconds < 86400) return (seconds / 3600).toFixed(1) + ' h';
  return (seconds / 86400).toFixed(1) + ' d';
}

function showStatus(status) {
  $('about').textContent = status.version + ' on node ' + status.node + ', up ' + time(status.upSeconds);
  const totals = status.totals;
  const lines = [
    ['source', status.source],
    ['capture', status.capture],
    ['transport', status.transport + ', ' + status.eventLoops + ' event loops'],
    ['state', status.state.appliedSecondsAgo === null ? 'none yet'
      : 'number ' + status.state.generation + ', applied ' + time(status.state.appliedSecondsAgo)
        + ' ago in ' + time(status.state.lastApplySeconds)],
    ['serves', totals.services + ' Services, ' + totals.frontends + ' frontends, ' + totals.backends + ' backends'],
    ['flows', totals.liveFlows + ' live, ' + totals.openedFlows + ' since the start'],
    ['failures', totals.connectFailures + ' connects, ' + totals.acceptPauses + ' pauses of accepting'],
  ];
  if (status.api) {
    lines.splice(4, 0, ['API server', (status.api.watching ? 'watching' : 'not watching')
      + ', heard of ' + time(status.api.contactAgeSeconds) + ' ago'
      + (status.api.stale ? '; what is served is unconfirmed' : '')]);
  }
  $('state').replaceChildren(...lines.flatMap(([name, text]) => [element('dt', name), element('dd', text)]));
  $('problem-count').textContent = status.problemCount;
  $('problems').replaceChildren(...status.problems.map(problem => {
    const item = element('li');
    item.append(element('strong', problem.object), ' ' + problem.field + ': ' + problem.message);
    return item;
  }));
}

function sparkline(points) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 ' + (POINTS - 1) + ' 10');
  svg.setAttribute('preserveAspectRatio', 'none');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
  const most = Math.max(...points, 1e-9);
  line.setAttribute('points', points.map((p, i) => (POINTS - points.length + i) + ',' + (10 - 9 * p / most)).join(' '));
  svg.append(line);
  return svg;
}

function backends(port) {
  const cell = element('td');
  const total = port.backends.reduce((sum, b) => sum + b.liveFlows, 0);
  for (const backend of port.backends) {
    const row = element('div', undefined, 'backend ' + (backend.state === 'serving' ? '' : 'draining'));
    const bar = element('meter');
    bar.max = Math.max(1, total);
    bar.value = backend.liveFlows;
    row.append(element('span', backend.address), element('span', backend.state), bar);
    row.title = backend.liveFlows + ' live, ' + backend.openedFlows + ' since the start';
    cell.append(row);
  }
  for (const served of port.servedTo) {
    if (served.verdict !== 'forward') {
      cell.append(element('div', 'refuses ' + served.clients + ' (' + served.verdict + ')', 'bad'));
    }
  }
  return cell;
}

function row(port, seconds) {
  const name = port.namespace + '/' + port.service + (port.port ? ':' + port.port : '');
  const key = name + '/' + port.protocol + '/' + port.family;
  const now = port.traffic;
  const last = before.get(key) || now;
  const rate = field => (now[field] - last[field]) / seconds;
  const points = history.get(key) || [];
  points.push(rate('openedFlows'));
  if (points.length > POINTS) points.shift();
  history.set(key, points);
  const made = element('tr');
  const title = element('td', name);
  title.append(element('div', port.protocol + ' ' + port.family + ', ' + port.balance, 'draining'), sparkline(points));
  made.append(title,
    element('td', port.vips.map(v => v.kind + ' ' + v.address + ' port ' + v.port).join(', ')),
    element('td', now.liveFlows, 'n'),
    element('td', rate('openedFlows').toFixed(1), 'n'),
    element('td', bytes(rate('receivedBytes')), 'n'),
    element('td', bytes(rate('returnedBytes')), 'n'),
    element('td', now.connectFailures, now.connectFailures > last.connectFailures ? 'n bad' : 'n'),
    backends(port));
  return made;
}

function showServices(services) {
  const nowTime = performance.now();
  const seconds = Math.max(0.001, (nowTime - beforeTime) / 1000);
  $('service-count').textContent = services.total;
  $('services').replaceChildren(...services.ports.map(port => row(port, seconds)));
  before = new Map(services.ports.map(p => [p.namespace + '/' + p.service + (p.port ? ':' + p.port : '')
    + '/' + p.protocol + '/' + p.family, p.traffic]));
  beforeTime = nowTime;
  next = services.next;
  $('next').disabled = next === null;
  $('first').disabled = after === '';
  for (const key of history.keys()) if (!before.has(key)) history.delete(key);
}

async function refresh() {
  try {
    showStatus(await ask('/v1/status'));
    showServices(await ask('/v1/services', {search: $('search').value.trim(), after: after, limit: PER_PAGE}));
  } catch (failure) {
    $('about').textContent = 'no answer: ' + failure.message;
  }
}

async function why(event) {
  event.preventDefault();
  const out = $('why-answer');
  try {
    const answer = await ask('/v1/why', {
      client: $('why-client').value.trim(), vip: $('why-vip').value.trim(), protocol: $('why-protocol').value});
    const steps = element('dl');
    for (const step of answer.steps) steps.append(element('dt', step.about), element('dd', step.finding));
    const list = element('ul');
    for (const backend of answer.backends) {
      list.append(element('li', (backend.eligible ? '' : 'left out: ') + backend.address + ', ' + backend.state
        + (backend.node ? ' on ' + backend.node : '') + (backend.why ? ': ' + backend.why : ''),
        backend.eligible ? '' : 'draining'));
    }
    out.replaceChildren(element('p', answer.summary, answer.outcome === 'refused' ? 'bad' : ''), steps, list);
  } catch (failure) {
    out.replaceChildren(element('p', failure.message, 'bad'));
  }
}

$('why-form').addEventListener('submit', why);
$('search-form').addEventListener('submit', event => { event.preventDefault(); after = ''; refresh(); });
$('search').addEventListener('input', () => { after = ''; refresh(); });
$('first').addEventListener('click', () => { after = ''; refresh(); });
$('next').addEventListener('click', () => { if (next !== null) { after = next; refresh(); } });

(async function always() {
  await refresh();
  setTimeout(always, INTERVAL_MS);
})();
