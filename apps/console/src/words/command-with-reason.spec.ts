import { commandWithReason } from './command-with-reason';

test('a command has its reason where it takes one', () => {
  expect(commandWithReason('longhaul limits delete partner', '')).toBe('longhaul limits delete partner');
  expect(commandWithReason('longhaul limits delete partner', 'it is 5')).toBe("longhaul limits delete partner --reason 'it is 5'");
  expect(commandWithReason('longhaul redrive 17', 'again')).toBe('longhaul redrive 17 --note again');
  expect(commandWithReason('longhaul dead-letters redrive 17', 'again')).toBe('longhaul dead-letters redrive 17 --note again');
  expect(commandWithReason('curl -X DELETE http://a/b', 'für A')).toBe("curl -X DELETE http://a/b -H 'Act-Reason: f%C3%BCr%20A'");
  expect(commandWithReason('longhaul keys revoke a', 'again')).toBe('longhaul keys revoke a --reason again');
});
