// The look of the console: light and dark, readable on a phone. Text only; no asset is fetched.

/** The style sheet of the page. */
export const STYLE = `
:root { --ink: #1b1f24; --dim: #59636e; --paper: #fff; --line: #d1d9e0; --card: #f6f8fa;
  --good: #1a7f37; --bad: #c62b34; --wait: #9a6700; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --dim: #9198a1; --paper: #0d1117; --line: #3d444d; --card: #151b23;
    --good: #3fb950; --bad: #f85149; --wait: #d29922; } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.45 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1rem; }
h1 { margin: 0; font-size: 1.4rem; } h2 { margin: 1.6rem 0 .5rem; font-size: 1.05rem; }
header p, .dim { color: var(--dim); font-size: .875rem; margin: 0; }
.card { border: 1px solid var(--line); background: var(--card); border-radius: .5rem; padding: .6rem .8rem;
  margin: 0 0 .5rem; overflow-wrap: anywhere; }
.card p { margin: .15rem 0 0; }
.row { display: flex; flex-wrap: wrap; gap: .2rem .7rem; align-items: baseline; }
.row .grow { flex: 1 1 14rem; font-weight: 600; }
.tag { font-size: .8rem; font-weight: 600; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .5rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .wait { color: var(--wait); }
#trouble { border-left: .25rem solid var(--bad); padding: .3rem .7rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: 1.5rem 0; }
form p { flex-basis: 100%; margin: 0; color: var(--dim); font-size: .875rem; }
input, button { font: inherit; padding: .4rem .7rem; border: 1px solid var(--line); border-radius: .4rem;
  color: inherit; background: var(--card); }
input { flex: 1 1 14rem; min-width: 0; } button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--wait); outline-offset: 2px; }
`;
