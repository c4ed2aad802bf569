/** The look of the console, a step larger: colours mean a state, and never alone. */
export const STATUS_STYLE = `
:root { color-scheme: light dark; --surface: #fff; --bg: #f5f6f8; --sunken: #eff1f4; --text: #161a21; --text-2: #434c5a; --text-3: #5c6675; --line: #e0e4ea; --edge: #7d8797; --accent: #4347c4; --on-accent: #fff; --ok: #0a7257; --run: #0b62ad; --wait: #7e5200; --plan: #67488f; --bad: #b0350f; --off: #57606e; }
@media (prefers-color-scheme: dark) { :root { --surface: #161a21; --bg: #0e1116; --sunken: #1e232c; --text: #e8ebf0; --text-2: #b4bcc8; --text-3: #939dab; --line: #29303a; --edge: #778292; --accent: #a3a8ff; --on-accent: #161a21; --ok: #5fd0a8; --run: #7dbdf3; --wait: #e9bb62; --plan: #c3a9e6; --bad: #ff9d7d; --off: #a9b2bf; } }
* { box-sizing: border-box; }
body { min-height: 100vh; margin: 0; padding: 32px 16px; display: flex; flex-direction: column; align-items: center; background: var(--bg); color: var(--text); font: 15px/24px system-ui, -apple-system, "Segoe UI", Inter, Roboto, sans-serif; font-variant-numeric: tabular-nums; }
.brand { display: flex; align-items: center; gap: 8px; font-weight: 600; }
.brand svg { width: 24px; height: 24px; color: var(--accent); }
main { width: 100%; max-width: 560px; margin: 48px 0; padding: 32px; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; }
.head { display: flex; gap: 12px; }
.head svg { flex: none; width: 24px; height: 24px; margin-top: 4px; color: var(--state); }
h1 { margin: 0; font-size: 24px; line-height: 32px; font-weight: 600; letter-spacing: -.3px; overflow-wrap: anywhere; }
p { margin: 16px 0 0; color: var(--text-2); overflow-wrap: anywhere; }
.head p { margin-top: 4px; }
.big { margin: 24px 0 8px; font-size: 40px; line-height: 48px; font-weight: 600; letter-spacing: -1px; }
.big span { font-size: 15px; font-weight: 400; letter-spacing: 0; color: var(--text-3); }
progress { display: block; width: 100%; height: 12px; margin: 24px 0 8px; appearance: none; border: 1px solid var(--edge); border-radius: 6px; background: var(--sunken); overflow: hidden; }
.big + progress { margin-top: 0; }
progress::-webkit-progress-bar { background: var(--sunken); }
progress::-webkit-progress-value { background: var(--accent); }
progress::-moz-progress-bar { background: var(--accent); }
.row { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 16px; margin: 0; font-size: 13px; line-height: 20px; }
.doing { margin-top: 8px; font-weight: 600; color: var(--text); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 24px; margin: 24px 0 0; padding-top: 16px; border-top: 1px solid var(--line); }
dt { color: var(--text-3); }
dd { margin: 0; }
ul { list-style: none; margin: 24px 0 0; padding: 0; }
li { display: flex; align-items: center; gap: 12px; margin-top: 8px; padding: 12px 16px; border: 1px solid var(--line); border-radius: 8px; }
li div { flex: 1; min-width: 0; overflow-wrap: anywhere; }
li b { display: block; font-weight: 600; }
li small { font-size: 13px; line-height: 20px; color: var(--text-3); }
li a { flex: none; display: inline-block; padding: 8px 16px; border-radius: 6px; background: var(--accent); color: var(--on-accent); font-weight: 600; text-decoration: none; }
p a, footer a { color: var(--accent); }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
footer { margin-top: auto; max-width: 560px; font-size: 13px; line-height: 20px; color: var(--text-3); text-align: center; }
.scheduled { --state: var(--plan); } .queued { --state: var(--wait); } .running { --state: var(--run); } .succeeded { --state: var(--ok); } .failed { --state: var(--bad); } .cancelled { --state: var(--off); }
@media (max-width: 480px) { body { padding: 24px 16px; } main { margin: 24px 0; padding: 24px 20px; } li { flex-wrap: wrap; } li a { width: 100%; text-align: center; } dl { grid-template-columns: 1fr; gap: 0; } dd + dt { margin-top: 8px; } }
`;

const PATHS = {
  scheduled:
    '<circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M8 4.5V8l2.4 1.6" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/>',
  queued: '<g fill="currentColor"><circle cx="2.75" cy="8" r="1.75"/><circle cx="8" cy="8" r="1.75"/><circle cx="13.25" cy="8" r="1.75"/></g>',
  running: '<path d="M4 2.6v10.8a.6.6 0 0 0 .92.5l8.4-5.4a.6.6 0 0 0 0-1L4.92 2.1A.6.6 0 0 0 4 2.6z" fill="currentColor"/>',
  succeeded:
    '<circle cx="8" cy="8" r="7" fill="currentColor"/><path d="M4.8 8.2l2.2 2.2 4.2-4.6" fill="none" stroke="var(--surface)" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"/>',
  failed:
    '<path d="M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2z" fill="currentColor"/><path d="M5.6 5.6l4.8 4.8m0-4.8l-4.8 4.8" stroke="var(--surface)" stroke-width="1.75" stroke-linecap="round"/>',
  cancelled: '<g fill="none" stroke="currentColor" stroke-width="1.5"><circle cx="8" cy="8" r="6.25"/><path d="M3.8 12.2l8.4-8.4"/></g>',
};

export type Look = keyof typeof PATHS;

/** The silhouette of a state. */
export function icon(look: Look): string {
  return `<svg viewBox="0 0 16 16" aria-hidden="true">${PATHS[look]}</svg>`;
}

export const BRAND = `<div class="brand"><svg viewBox="0 0 24 24" aria-hidden="true"><rect x="1" y="1" width="22" height="22" rx="6" fill="currentColor"/><path d="M6 7v10h4.5" fill="none" stroke="var(--surface)" stroke-width="2.25" stroke-linecap="round" stroke-linejoin="round"/><path d="M13.5 17H18" stroke="var(--surface)" stroke-width="2.25" stroke-linecap="round" stroke-dasharray=".1 4.4"/></svg>Longhaul</div>`;
