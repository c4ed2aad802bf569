export { acceptedText } from './accepted-text.js';
export { jobEventView, type JobEventView } from './event-view.js';
export { attemptErrorView, jobDetailView, jobView, rawJson } from './job-view.js';
export { outcomeEvent, outcomeMessageId } from './outcome-event.js';
