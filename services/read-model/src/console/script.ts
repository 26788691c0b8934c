// The program of the console page: asks every few seconds and shows texts as texts. It never makes markup out of data.

/** The script of the page. The token stays in this tab's session, and leaves the address bar at once. */
export const SCRIPT = `
'use strict';
const EVERY_MS = 3000;
const $ = (id) => document.getElementById(id);
const needsToken = document.documentElement.dataset.token === 'needed';
const fromHash = new URLSearchParams(location.hash.slice(1)).get('token');
if (fromHash) {
  sessionStorage.setItem('token', fromHash);
  history.replaceState(null, '', location.pathname);
}
const el = (name, className, ...children) => {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children.filter((c) => c !== null && c !== undefined && c !== ''));
  return node;
};
const tag = (text, tone) => el('span', 'tag ' + (tone || ''), text);
const dim = (...texts) => el('p', 'dim', texts.filter(Boolean).join(' · '));
const when = (time) => (time ? new Date(time).toLocaleString() : '');
const card = (title, tags, ...lines) => el('div', 'card', el('div', 'row', el('span', 'grow', title), ...tags), ...lines);
const fill = (id, items, show, none) =>
  $(id).replaceChildren(...(items.length ? items.map(show) : [el('p', 'dim', none)]));
const VERDICT = { permitted: 'good', denied: 'bad', escalated: 'wait' };
const OUTCOME = { succeeded: 'good', failed: 'bad', unknown: 'wait' };
const showHalt = (h) => card(h.scope, [tag('halted', 'bad')],
  dim(h.halt_id, 'by ' + h.person, h.cause, when(h.engaged_at), h.environment),
  dim(h.tool ? 'only ' + h.tool.operation + ' on ' + h.tool.resource : '',
    h.acknowledged + ' confirmed', h.unconfirmed.length ? 'not confirmed: ' + h.unconfirmed.join(', ') : ''));
const showGate = (g) => card([g.operation, g.resource].filter(Boolean).join(' ') || g.intent_id,
  [tag(g.status, 'wait'), tag(g.approvals + ' of ' + g.quorum)],
  dim(g.agent, g.tool, 'gate ' + g.name, g.deadline ? 'until ' + when(g.deadline) : '', 'then ' + g.fallback),
  dim('may vote: ' + g.approvers.join(', '), g.votes.map((v) => v.person + ': ' + v.choice).join(', ')));
const showAgent = (a) => card(a.scope, [
    a.halted ? tag('halted', 'bad') : tag(a.status, a.status === 'active' ? 'good' : 'wait'),
    a.containment === 'none' ? null : tag('containment: ' + a.containment, 'wait')],
  dim(a.kind === 'agent' ? '' : a.kind, a.owner ? 'owner ' + a.owner : '', a.autonomy,
    a.boundary ? 'boundary ' + a.boundary.name + ', level ' + a.boundary.level : 'no boundary',
    a.flags ? a.flags + ' flags' : '', a.last_action_at ? 'last action ' + when(a.last_action_at) : 'no action yet'));
const showAction = (a) => card(a.operation + ' ' + a.resource, [tag(a.verdict, VERDICT[a.verdict]),
    a.outcome ? tag(a.outcome, OUTCOME[a.outcome]) : null],
  dim(when(a.decided_at), a.agent, a.tool, a.rule ? 'rule ' + a.rule : '', a.codes.join(', '),
    a.gate_status ? 'gate ' + a.gate_status : '', a.receipt_id ? 'receipt issued' : ''));
class Unauthorised extends Error {}
const ask = async (path) => {
  const token = sessionStorage.getItem('token');
  const response = await fetch(path, { headers: token ? { authorization: 'Bearer ' + token } : {}, cache: 'no-store' });
  if (response.status === 401) throw new Unauthorised();
  const body = await response.json();
  if (!response.ok) throw new Error(body.error ? body.error.reason : 'status ' + response.status);
  return body;
};
const trouble = (text) => { $('trouble').textContent = text; $('trouble').hidden = !text; };
const refresh = async () => {
  const [head, halts, gates, agents, actions] = await Promise.all(['/v1/ledger/head', '/v1/halts', '/v1/gates',
    '/v1/agents?limit=50', '/v1/actions?limit=25'].map(ask));
  $('head').textContent = 'ledger ' + head.seq + ' · ' + when(head.updated_at) + (head.junk ? ' · junk ' + head.junk : '');
  fill('halts', halts.items, showHalt, 'Nothing is halted.');
  fill('gates', gates.items, showGate, 'Nobody is waiting for a person.');
  fill('agents', agents.items, showAgent, 'No agents yet.');
  fill('actions', actions.items, showAction, 'No actions yet.');
  document.querySelector('main').hidden = false;
  $('access').hidden = true;
  trouble('');
};
let timer;
const loop = async () => {
  clearTimeout(timer);
  try {
    if (!document.hidden) await refresh();
  } catch (error) {
    if (error instanceof Unauthorised) {
      const had = sessionStorage.getItem('token');
      sessionStorage.removeItem('token');
      $('access').hidden = false;
      document.querySelector('main').hidden = true;
      return trouble(had ? 'The token is not right.' : '');
    }
    trouble('No answer from the read model: ' + error.message);
  }
  timer = setTimeout(loop, EVERY_MS);
};
$('access').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem('token', $('token').value.trim());
  $('token').value = '';
  loop();
});
document.addEventListener('visibilitychange', () => { if (!document.hidden) loop(); });
if (needsToken && !sessionStorage.getItem('token')) $('access').hidden = false;
else loop();
`;
