import { Drawer, useMantineColorScheme } from '@mantine/core';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { type JSX, lazy, Suspense, useEffect, useState } from 'react';
import { useLiveState } from '../live/stream';
import { Icon } from '../parts/icon';
import { Choice } from '../parts/parts';
import { ZONE } from '../words/words';
import { useAsking } from '../api/session';
import { useScreens } from './screens';
import { SignIn, Who } from './sign-in';

const Palette = lazy(() => import('./palette'));

/** What is around every screen: the menu, the bar, the command palette. */
export function Shell(): JSX.Element {
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [isFinding, setFinding] = useState(false);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  useEffect(() => setMenuOpen(false), [path]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, select, [contenteditable]');
      if ((event.key === 'k' && (event.ctrlKey || event.metaKey)) || (event.key === '/' && !isTyping)) {
        event.preventDefault();
        setFinding(true);
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  const asking = useAsking();
  if (asking !== 'no') return <SignIn hasEnded={asking === 'ended'} />;
  return (
    <div className="shell">
      <a className="skip" href="#main">
        To the content
      </a>
      <Side />
      <div>
        <div className="bar">
          <button type="button" className="btn quiet menu-button" aria-label="Menu" aria-expanded={isMenuOpen} onClick={() => setMenuOpen(true)}>
            <Icon name="menu" />
          </button>
          <div className="crumb cut" id="crumb" />
          <button type="button" className="find" aria-keyshortcuts="Control+K" onClick={() => setFinding(true)}>
            <Icon name="search" />
            <span>Job id, kind or screen</span>
            <kbd aria-hidden="true">Ctrl K</kbd>
          </button>
        </div>
        <main className="main" id="main" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <Drawer
        opened={isMenuOpen}
        onClose={() => setMenuOpen(false)}
        size={272}
        withCloseButton={false}
        padding={0}
        classNames={{ body: 'drawer' }}
        attributes={{ content: { 'aria-label': 'Menu' } }}
      >
        <Side />
      </Drawer>
      {isFinding && (
        <Suspense>
          <Palette onClose={() => setFinding(false)} />
        </Suspense>
      )}
    </div>
  );
}

function Side(): JSX.Element {
  return (
    <aside className="side">
      <Link className="brand" to="/">
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <rect x="1" y="1" width="22" height="22" rx="6" fill="currentColor" />
          <path d="M6 7v10h4.5" fill="none" stroke="var(--surface)" strokeWidth="2.25" strokeLinecap="round" strokeLinejoin="round" />
          <path d="M13.5 17H18" stroke="var(--surface)" strokeWidth="2.25" strokeLinecap="round" strokeDasharray=".1 4.4" />
        </svg>
        Longhaul
      </Link>
      <nav className="nav" aria-label="Screens">
        <ul>
          {useScreens().map(({ path, name, icon, gap }) => (
            <li key={path} className={gap ? 'gap' : undefined}>
              <Link to={path} activeOptions={{ exact: path === '/' }} activeProps={{ 'aria-current': 'page' }}>
                <Icon name={icon} />
                {name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="foot">
        <Live />
        <Who />
        <div>Times in {ZONE}</div>
        <Theme />
      </div>
    </aside>
  );
}

const LIVE_WORDS = { live: 'Live', trying: 'Connecting…' };

/** Nothing on a screen that has no stream: it asks again by itself. */
function Live(): JSX.Element | null {
  const state = useLiveState();
  if (state === 'off') return null;
  return (
    <div className={`live ${state}`} role="status">
      <b>{LIVE_WORDS[state]}</b>
    </div>
  );
}

function Theme(): JSX.Element {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Choice
      small
      label="Colours"
      value={colorScheme}
      values={[
        ['auto', 'System'],
        ['light', 'Light'],
        ['dark', 'Dark'],
      ]}
      onChange={setColorScheme}
    />
  );
}
