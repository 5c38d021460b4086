import './style/tokens.css';
import './style/base.css';
import { mount } from 'svelte';
import App from './App.svelte';

// In a task of its own, so that the browser can do something between reading and building.
setTimeout(() => mount(App, { target: document.getElementById('app')! }));
