package dev.shadowplane.control.api;

import dev.shadowplane.control.plan.Planner;
import dev.shadowplane.control.provision.Provisioner;
import dev.shadowplane.control.provision.external.ExternalProvisioner;
import dev.shadowplane.control.provision.wire.RemoteProvisioner;
import dev.shadowplane.control.shadow.Settings;
import dev.shadowplane.control.shadow.ShadowManager;
import dev.shadowplane.control.store.ConfigStore;
import dev.shadowplane.control.store.MvConfigStore;
import io.grpc.BindableService;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The shadow network manager with its store and its provisioners, and the calls about them. */
final class ShadowServices implements AutoCloseable {
  /** The names that the planner gives to rules of shadows. */
  private static final Pattern RULES = Pattern.compile("shadow_[a-z0-9-]+_.+");

  private static final String NETNS = "netns";

  private final ConfigStore store;
  private final List<Provisioner> provisioners;
  private final ShadowManager manager;
  private final List<BindableService> services;

  private ShadowServices(
      final ConfigStore store,
      final List<Provisioner> provisioners,
      final ShadowManager manager,
      final List<BindableService> services) {
    this.store = store;
    this.provisioners = provisioners;
    this.manager = manager;
    this.services = services;
  }

  /** Opens the store, whose folder is this process's alone. */
  static ShadowServices open(final ControlConfig config, final DataPlaneLink dataPlane) {
    final ShadowsConfig shadows = config.shadows();
    final ConfigStore store = MvConfigStore.open(config.state().resolve("configurations.mv"));
    final ExternalProvisioner external = new ExternalProvisioner(store, shadows.deadline());
    final List<Provisioner> provisioners = new ArrayList<>(List.of(external));
    if (shadows.provisioner() != null) {
      provisioners.add(new RemoteProvisioner(NETNS, shadows.provisioner()));
    }
    final ShadowManager manager =
        new ShadowManager(
            store,
            new Planner(
                config.journal() == null ? "" : config.journal().toString(),
                shadows.directory().toString()),
            provisioners,
            new ShadowMirrors(dataPlane, rule -> RULES.matcher(rule).matches()),
            new Settings(
                shadows.lookEvery(), Settings.DEFAULT.retryAfter(), Settings.DEFAULT.threads()));
    return new ShadowServices(
        store,
        provisioners,
        manager,
        List.of(new ShadowCalls(manager), new ProvisioningCalls(external)));
  }

  /** What of them is monitored, for one thread. */
  MonitoredNetworks monitored() {
    return new MonitoredNetworks(manager::wanted, provisioners);
  }

  List<BindableService> services() {
    return services;
  }

  /** Brings networks to what is wanted, and keeps them there. */
  void start() {
    manager.start();
  }

  @Override
  public void close() {
    provisioners.forEach(Provisioner::close);
    manager.close();
    store.close();
  }
}
