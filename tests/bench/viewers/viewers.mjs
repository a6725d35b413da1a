// The viewers that are measured: how each is started, when it has drawn, how it is moved.

const python = process.env.NETRON_PYTHON;
const explorer = process.env.MODEL_EXPLORER;
const ours = process.env.SPARSEVIEW_PYTHON ?? 'python3';

/** A wheel event on the middle of an element, as page code. */
const wheel = (selector, x, y, ctrl) => `(() => {
  const element = document.querySelector(${JSON.stringify(selector)});
  const box = element.getBoundingClientRect();
  element.dispatchEvent(new WheelEvent('wheel', { bubbles: true, cancelable: true, ctrlKey: ${ctrl}, deltaX: ${x}, deltaY: ${y}, clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 }));
})()`;

/**
 * missing: why it cannot be measured here, or null. drawn, nodes: page expressions. pan, zoom: page
 * code for one step, `i` is the frame's number. jump: page code, resolves when the node is in view.
 */
export const VIEWERS = [
  {
    name: 'sparseview',
    missing: null,
    flat: true,
    start: (model, port) => [ours, ['-m', 'sparseview', model, '--serve', '--port', String(port)]],
    ready: (port) => `http://127.0.0.1:${port}/health`,
    page: (port) => `http://127.0.0.1:${port}/launch?t=bench&view=flat`,
    cookies: [],
    init: '',
    drawn: `window.sparseview?.state === 'ready' && window.sparseview.nodes > 0`,
    nodes: `window.sparseview.nodes`,
    pan: `window.sparseview.panBy((i >> 4) % 2 ? -20 : 20, (i >> 5) % 2 ? -60 : 60)`,
    zoom: `window.sparseview.zoomBy((i >> 5) % 2 ? 1.06 : 1 / 1.06)`,
    jump: `async (id) => window.sparseview.goTo(id)`,
  },
  {
    name: 'netron',
    missing: python === undefined ? 'Netron is not measured: NETRON_PYTHON names no Python that has it.' : null,
    flat: true,
    start: (model, port) => [
      python,
      ['-c', `import netron, time; netron.start(${JSON.stringify(model)}, ('localhost', ${port}), browse=False); time.sleep(1e6)`],
    ],
    ready: (port) => `http://localhost:${port}/`,
    page: (port) => `http://localhost:${port}/`,
    cookies: [{ name: 'consent', value: '1' }],
    init: '',
    // The page's last step after layout: nodes are in the document, the background has its size.
    drawn: `document.body.classList.contains('default') && !document.body.classList.contains('spinner') && document.querySelector('#nodes > g') !== null && document.querySelector('#background[width]') !== null`,
    nodes: `document.querySelectorAll('#nodes > g').length`,
    pan: `(() => { const target = document.getElementById('target'); target.scrollTop += (i >> 5) % 2 ? -60 : 60; target.scrollLeft += (i >> 4) % 2 ? -20 : 20; })()`,
    zoom: wheel('#target', 0, '(i >> 5) % 2 ? -4 : 4', true),
    jump: null,
  },
  {
    name: 'model-explorer',
    missing: explorer === undefined ? 'Model Explorer is not measured: MODEL_EXPLORER names no program.' : null,
    flat: false,
    start: (model, port) => [
      explorer,
      [model, '--extensions=model_explorer_onnx', '--no_open_in_browser', '--skip_health_check', '--port', String(port)],
    ],
    ready: (port) => `http://localhost:${port}/check_health`,
    page: (port, model) => `http://localhost:${port}/?data=${encodeURIComponent(JSON.stringify({ models: [{ url: model }] }))}`,
    cookies: [],
    init: `window.me_test = { renderers: [] };`, // the hook of its own tests
    drawn: `(window.me_test?.renderers[0]?.elementsToRender ?? []).length > 0`,
    nodes: `window.me_test.renderers[0].nodesToRender.length`,
    pan: wheel('webgl-renderer .container', '(i >> 4) % 2 ? -20 : 20', '(i >> 5) % 2 ? -60 : 60', false),
    zoom: wheel('webgl-renderer .container', 0, '(i >> 5) % 2 ? -4 : 4', true),
    jump: null,
  },
];
