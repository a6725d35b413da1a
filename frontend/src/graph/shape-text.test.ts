// Shapes in less room keep every figure and every sign between them.
import { describe, expect, it } from 'vitest';
import { shapeWithin } from './shape-text';
import { labelWidth } from './sizes';

describe('shapeWithin', () => {
  it('leaves alone what fits, and figures always', () => {
    expect(shapeWithin('batch×12×384', 200)).toBe('batch×12×384');
    expect(shapeWithin('1×128×1024×1024', 40)).toBeNull();
  });

  it('cuts the longest names first, as much as needed', () => {
    const text = 'batch_size×sequence_length×384';
    for (let room = labelWidth('bat…×seq…×384') + 1; room < labelWidth(text); room += 7) {
      const short = shapeWithin(text, room)!;
      expect(labelWidth(short)).toBeLessThanOrEqual(room);
      // One letter more would be too wide: no room is given away.
      expect(labelWidth(short)).toBeGreaterThan(room - 2 * 10.2);
      const [batch, sequence, figure] = short.split('×') as [string, string, string];
      expect(figure).toBe('384');
      expect('batch_size'.startsWith(batch.replace('…', ''))).toBe(true);
      expect('sequence_length'.startsWith(sequence.replace('…', ''))).toBe(true);
      const letters = (part: string): number => part.replace('…', '').length;
      // Down to the length of the shorter name only the longer one is cut, then both as much.
      if (letters(sequence) > 10) expect(batch).toBe('batch_size');
      else expect(Math.abs(letters(sequence) - letters(batch))).toBeLessThanOrEqual(1);
    }
    expect(shapeWithin(text, 30)).toBeNull();
  });

  it('never cuts a figure, however long', () => {
    const text = 'batch×1048576';
    for (let room = 20; room < labelWidth(text); room += 3) {
      const short = shapeWithin(text, room);
      if (short !== null) expect(short).toMatch(/^bat(c|ch)?…?×1048576$/);
      else expect(room).toBeLessThan(labelWidth('bat…×1048576'));
    }
  });

  it('takes a name of 500 letters', () => {
    const short = shapeWithin(`${'batch'.repeat(100)}×8×16`, 120)!;
    expect(short).toMatch(/^batchb\w*…×8×16$/);
    expect(labelWidth(short)).toBeLessThanOrEqual(120);
  });
});
