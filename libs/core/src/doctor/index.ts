export { examine, type Facts, type Standing, type Verdict } from './examine.js';
export { type Alert, ALERT_RULES, type AlertCause, type AlertFilter, type AlertStore, type ListedAlert, type TellAlerts } from './alerts.js';
export { AlertWatch } from './alert-watch.js';
