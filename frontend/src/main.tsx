// Starts the page.
import { render } from 'preact';

render(<p>Sparseview</p>, document.getElementById('app')!);
