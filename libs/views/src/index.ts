export { jobEventView, type JobEventView } from './event-view.js';
export { attemptErrorView, jobDetailView, jobText, jobView, rawJson } from './job-view.js';
export { outcomeEvent, outcomeMessageId } from './outcome-event.js';
