// SVG from the painters: the numbers of a canvas, well-formed whatever a model calls its nodes.
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { drawGlyph } from './glyphs';
import { StubPath } from './recorder';
import { stripes } from './shapes';
import { escaped, opaque, SvgContext } from './svg';

beforeAll(() => vi.stubGlobal('Path2D', StubPath));

const EVIL = '</text><script>alert(1)</script><img src=x onerror="alert(\'2\')">&\u0000\u0008\ud800';

function drawn(draw: (ctx: SvgContext) => void): string {
  const svg = new SvgContext((_, text) => 6 * text.length);
  draw(svg);
  return svg.file({ width: 100, height: 50 }, 'm.onnx', 'Inter, "Segoe UI"', 'monospace');
}

/** The elements between the head and the end. */
function body(draw: (ctx: SvgContext) => void): string[] {
  return drawn(draw).trim().split('\n').slice(3, -1);
}

describe('coordinates', () => {
  it('are those that the transform leads to', () => {
    expect(body((ctx) => {
      ctx.setTransform(2, 0, 0, 2, 10, 20);
      ctx.fillStyle = '#123456';
      ctx.fillRect(1, 2, 3, 4);
      ctx.save();
      ctx.translate(5, 5);
      ctx.scale(0.5);
      ctx.strokeStyle = 'red';
      ctx.lineWidth = 3;
      ctx.setLineDash([4, 2]);
      ctx.strokeRect(0, 0, 8, 8);
      ctx.restore();
      ctx.beginPath();
      ctx.moveTo(0, 0);
      ctx.lineTo(1.005, 1);
      ctx.stroke();
    })).toEqual([
      '<rect x="12" y="24" width="6" height="8" fill="#123456"/>',
      '<rect x="20" y="30" width="8" height="8" fill="none" stroke="red" stroke-width="3" stroke-dasharray="4 2"/>',
      '<path d="M10 20L12.01 22" fill="none" stroke="#000" stroke-width="2"/>',
    ]);
  });

  it('of boxes: one radius is a rect, others a path of arcs', () => {
    const [all, left] = body((ctx) => {
      ctx.beginPath();
      ctx.roundRect(0, 0, 20, 10, 3);
      ctx.fill();
      ctx.beginPath();
      ctx.roundRect(0, 0, 20, 10, [5, 0, 0, 5]);
      ctx.fill();
    });
    expect(all).toBe('<rect x="0" y="0" width="20" height="10" rx="3" fill="#000"/>');
    expect(left).toContain('d="M5 0L20 0L20 10L5 10A5 5 0 0 1 0 5L0 5A5 5 0 0 1 5 0Z"');
  });

  it('of corners end where a circle through both tangents does', () => {
    const [line] = body((ctx) => {
      ctx.beginPath();
      ctx.moveTo(0, 0);
      ctx.arcTo(0, 30, 40, 30, 10);
      ctx.lineTo(40, 30);
      ctx.stroke();
    });
    expect(line).toContain('d="M0 0L0 20A10 10 0 0 0 10 30L40 30"');
    const [straight] = body((ctx) => {
      ctx.beginPath();
      ctx.moveTo(0, 0);
      ctx.arcTo(0, 30, 0, 60, 10);
      ctx.stroke();
    });
    expect(straight).toContain('d="M0 0L0 30"');
  });

  it('of a circle: two halves', () => {
    const [circle] = body((ctx) => {
      ctx.beginPath();
      ctx.arc(10, 10, 5, 0, 2 * Math.PI);
      ctx.fill();
    });
    expect(circle).toContain('d="M15 10A5 5 0 0 1 5 10A5 5 0 0 1 15 10"');
  });
});

it('writes texts with their size, weight and place', () => {
  expect(body((ctx) => {
    ctx.setTransform(2, 0, 0, 2, 0, 0);
    ctx.font = '600 11px Inter';
    ctx.textAlign = 'center';
    ctx.fillText('fc1', 10, 20);
    ctx.font = '400 9px ui-monospace, "SF Mono"';
    ctx.textAlign = 'left';
    ctx.fillText('a  b', 0, 0);
  })).toEqual([
    '<text x="20" y="40" font-size="22" font-weight="600" text-anchor="middle" fill="#000">fc1</text>',
    '<text x="0" y="0" font-size="18" class="m" fill="#000">a  b</text>',
  ]);
});

it('closes what clips, and keeps the style that was before', () => {
  const made = drawn((ctx) => {
    ctx.globalAlpha = 0.5;
    stripes(ctx.context, 0, 0, 20, 10, 'green');
    ctx.fillRect(0, 0, 1, 1);
  });
  expect(made.match(/<g /g)).toHaveLength(1);
  expect(made.match(/<\/g>/g)).toHaveLength(1);
  expect(made).toContain('stroke-opacity="0.3"');
  expect(made).toContain('<rect x="0" y="0" width="1" height="1" fill="#000" fill-opacity="0.5"/>');
});

it('places glyphs by their data', () => {
  const [glyph] = body((ctx) => drawGlyph(ctx.context, 0, 3, 4, 24, 'blue'));
  expect(glyph).toMatch(/^<path d="M2 1h8[^"]*" transform="translate\(3 4\) scale\(2\)" fill="blue"\/>$/);
});

it('knows colours as every reader of SVG does', () => {
  expect(opaque('#fff')).toEqual({ plain: '#fff', alpha: 1 });
  expect(opaque('rgb(0 10 255 / .22)')).toEqual({ plain: 'rgb(0,10,255)', alpha: 0.22 });
  expect(opaque('rgba(1, 2, 3, 50%)')).toEqual({ plain: 'rgb(1,2,3)', alpha: 0.5 });
});

it('lets no name end its text, and no sign end the XML', () => {
  const made = drawn((ctx) => ctx.fillText(EVIL, 0, 0));
  const parsed = new DOMParser().parseFromString(made, 'application/xml');
  expect(parsed.querySelectorAll('script, img')).toHaveLength(0);
  expect(made).not.toMatch(/<script|<img/);
  // eslint-disable-next-line no-control-regex
  expect(made).not.toMatch(/[\u0000-\u0008]/);
  expect(escaped('a\ud800b\udc00\ud83d\ude00')).toBe('a\ufffdb\ufffd\ud83d\ude00');
});

it('scales dashes with what they dash, ends texts where they are to end, and centres them on their line', () => {
  expect(body((ctx) => {
    ctx.setTransform(2, 0, 0, 2, 0, 0);
    ctx.setLineDash([4, 1.5]);
    ctx.strokeRect(0, 0, 3, 3);
    ctx.setLineDash([]);
    ctx.font = '400 10px Inter';
    ctx.textAlign = 'right';
    ctx.fillText('a', 5, 5);
    ctx.textAlign = 'left';
    ctx.textBaseline = 'middle';
    ctx.fillText('b', 5, 5);
  })).toEqual([
    '<rect x="0" y="0" width="6" height="6" fill="none" stroke="#000" stroke-width="2" stroke-dasharray="8 3"/>',
    '<text x="10" y="10" font-size="20" text-anchor="end" fill="#000">a</text>',
    '<text x="10" y="10" font-size="20" dominant-baseline="central" fill="#000">b</text>',
  ]);
});

it('closes all clips that were opened since', () => {
  const made = drawn((ctx) => {
    ctx.save();
    for (let clip = 0; clip < 3; clip++) {
      ctx.beginPath();
      ctx.rect(0, 0, 10, 10);
      ctx.clip();
    }
    ctx.restore();
    ctx.fillRect(1, 1, 1, 1);
  });
  expect(new DOMParser().parseFromString(made, 'application/xml').querySelector('svg > rect')).not.toBeNull();
  expect([made.match(/<g /g)?.length, made.match(/<\/g>/g)?.length]).toEqual([3, 3]);
});
