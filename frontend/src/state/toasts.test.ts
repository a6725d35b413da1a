// Floating messages: what alarms, and what does not.
import { expect, it } from 'vitest';
import { toasts, trouble } from './toasts';

it('alarms at trouble, not at work that was called off', () => {
  toasts.value = [];
  trouble({ message: 'The work was cancelled.', hint: 'Nothing was changed.', code: 'cancelled' });
  trouble({ message: 'The disk is full.', hint: '', code: 'disk' });
  expect(toasts.value.map((one) => [one.text, one.tone])).toEqual([['The work was cancelled.', 'ok'], ['The disk is full.', 'alert']]);
});
