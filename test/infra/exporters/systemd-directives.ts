const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** systemd 219 (Amazon Linux 2): src/core/load-fragment-gperf.gperf.m4, without the conditions of [Unit]. */
export const KNOWN_TO_219: Readonly<Record<string, ReadonlySet<string>>> = {
  Unit: new Set(
    words(`Description Documentation SourcePath Requires Requisite Wants BindsTo Conflicts Before After OnFailure PartOf
      PropagatesReloadTo ReloadPropagatedFrom JoinsNamespaceOf RequiresMountsFor StopWhenUnneeded RefuseManualStart
      RefuseManualStop AllowIsolate DefaultDependencies OnFailureJobMode IgnoreOnIsolate JobTimeoutSec JobTimeoutAction`),
  ),
  Service: new Set(
    words(`PIDFile ExecStartPre ExecStart ExecStartPost ExecReload ExecStop ExecStopPost RestartSec TimeoutSec
      TimeoutStartSec TimeoutStopSec WatchdogSec StartLimitInterval StartLimitBurst StartLimitAction RebootArgument
      FailureAction Type Restart PermissionsStartOnly RootDirectoryStartOnly RemainAfterExit GuessMainPID
      RestartPreventExitStatus RestartForceExitStatus SuccessExitStatus NonBlocking BusName FileDescriptorStoreMax
      NotifyAccess Sockets BusPolicy WorkingDirectory RootDirectory User Group SupplementaryGroups Nice OOMScoreAdjust
      IOSchedulingClass IOSchedulingPriority CPUSchedulingPolicy CPUSchedulingPriority CPUSchedulingResetOnFork
      CPUAffinity UMask Environment EnvironmentFile StandardInput StandardOutput StandardError TTYPath TTYReset
      TTYVHangup TTYVTDisallocate SyslogIdentifier SyslogFacility SyslogLevel SyslogLevelPrefix Capabilities SecureBits
      CapabilityBoundingSet TimerSlackNSec NoNewPrivileges SystemCallFilter SystemCallArchitectures
      SystemCallErrorNumber RestrictAddressFamilies LimitCPU LimitFSIZE LimitDATA LimitSTACK LimitCORE LimitRSS
      LimitNOFILE LimitAS LimitNPROC LimitMEMLOCK LimitLOCKS LimitSIGPENDING LimitMSGQUEUE LimitNICE LimitRTPRIO
      LimitRTTIME ReadWriteDirectories ReadOnlyDirectories InaccessibleDirectories PrivateTmp PrivateNetwork
      PrivateDevices ProtectSystem ProtectHome MountFlags Personality RuntimeDirectoryMode RuntimeDirectory PAMName
      IgnoreSIGPIPE UtmpIdentifier SELinuxContext AppArmorProfile SmackProcessLabel SendSIGKILL SendSIGHUP KillMode
      KillSignal Slice CPUAccounting CPUShares StartupCPUShares CPUQuota MemoryAccounting MemoryLimit DeviceAllow
      DevicePolicy BlockIOAccounting BlockIOWeight StartupBlockIOWeight BlockIODeviceWeight BlockIOReadBandwidth
      BlockIOWriteBandwidth Delegate`),
  ),
  Install: new Set(words('Alias WantedBy RequiredBy Also DefaultInstance')),
};

/** What systemd 239 knows besides, as far as it confines a service (same file). */
export const NEW_IN_239: ReadonlySet<string> = new Set(
  words(`DynamicUser RemoveIPC AmbientCapabilities KeyringMode MemoryDenyWriteExecute RestrictNamespaces
    RestrictRealtime LockPersonality ReadWritePaths ReadOnlyPaths InaccessiblePaths BindPaths BindReadOnlyPaths
    TemporaryFileSystem ProtectKernelTunables ProtectKernelModules ProtectControlGroups PrivateUsers PrivateMounts
    StateDirectory CacheDirectory LogsDirectory MemoryMax MemoryHigh CPUWeight TasksMax`),
);

/** Values that came after 219, where it knows the directive. */
const TOO_NEW_FOR_219: readonly RegExp[] = [
  /^ProtectSystem=strict/,
  /^ProtectHome=tmpfs/,
  /^SystemCallFilter=.*@/,
  /^Exec\w+=[+!]/,
  /^Standard(?:Output|Error)=(?:file|append|truncate)/,
];

export interface Directive {
  readonly section: string;
  readonly name: string;
  /** `Name=value`. */
  readonly line: string;
}

/** The directives of a unit file; continued lines are joined. */
export function directivesOf(unit: string): readonly Directive[] {
  let section = '';
  const found: Directive[] = [];
  for (const line of unit.replaceAll('\\\n', ' ').split('\n')) {
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section;
    const name = /^(\w+)=/.exec(line)?.[1];
    if (name !== undefined) found.push({ section, name, line });
  }
  return found;
}

/** The lines that systemd 219 would not take as they are meant. */
export const unknownTo219 = (unit: string): readonly string[] =>
  directivesOf(unit)
    .filter(
      ({ section, name, line }) =>
        KNOWN_TO_219[section]?.has(name) !== true || TOO_NEW_FOR_219.some((pattern) => pattern.test(line)),
    )
    .map(({ line }) => line);
