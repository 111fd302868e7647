/** The part of Electron's `powerMonitor` that is used. */
export interface PowerMonitorLike {
  on(event: 'suspend' | 'resume', listener: () => void): unknown;
  off(event: 'suspend' | 'resume', listener: () => void): unknown;
}

/** Tell somebody about sleep and waking up; returns the function that ends it. */
export function followPower(monitor: PowerMonitorLike, onChange: (suspended: boolean) => void): () => void {
  const suspend = (): void => onChange(true);
  const resume = (): void => onChange(false);
  monitor.on('suspend', suspend);
  monitor.on('resume', resume);
  return () => {
    monitor.off('suspend', suspend);
    monitor.off('resume', resume);
  };
}
