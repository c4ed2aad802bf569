export { examine, type Facts, type Standing, type Verdict } from './examine.js';
export { type Alert, ALERT_RULES, type AlertCause, type AlertStore, type TellAlerts } from './alerts.js';
export { AlertWatch } from './alert-watch.js';
