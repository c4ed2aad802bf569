import { createTheme, type CSSVariablesResolver } from '@mantine/core';

/** Mantine's inputs, menus and dialogs in our colours: its variables point at those of tokens.css. */
export const theme = createTheme({
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: 'var(--mono)',
  defaultRadius: 6,
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  respectReducedMotion: true,
  components: {
    Modal: {
      defaultProps: {
        radius: 12,
        padding: 24,
        overlayProps: { color: 'var(--veil)', backgroundOpacity: 1 },
        transitionProps: { duration: 0 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
    },
    Drawer: { defaultProps: { overlayProps: { color: 'var(--veil)', backgroundOpacity: 1 }, transitionProps: { duration: 0 } } },
    Menu: { defaultProps: { radius: 8, transitionProps: { duration: 0 }, shadow: 'md' } },
  },
});

const OURS = {
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--text-2)',
  '--mantine-color-placeholder': 'var(--text-3)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--sunken)',
  '--mantine-color-default-border': 'var(--edge)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-error': 'var(--bad)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-bright': 'var(--text)',
  '--mantine-primary-color-filled': 'var(--accent)',
  '--mantine-primary-color-contrast': 'var(--accent-ink)',
};

// The ground and the border of inputs have no names of their own in Mantine.
const LIGHT = { ...OURS, '--mantine-color-gray-4': 'var(--edge)' };
const DARK = { ...OURS, '--mantine-color-dark-4': 'var(--edge)', '--mantine-color-dark-6': 'var(--surface)' };

export const cssVariables: CSSVariablesResolver = () => ({ variables: { '--mantine-shadow-md': 'var(--shadow)' }, light: LIGHT, dark: DARK });
