package dev.shadowplane.control.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.shadowplane.control.plan.Planner;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.Observed;
import dev.shadowplane.control.provision.Step;
import dev.shadowplane.control.shadow.Change.Action;
import dev.shadowplane.control.shadow.MemoryProvisioner.Killed;
import dev.shadowplane.control.store.ConfigStore;
import dev.shadowplane.control.store.MvConfigStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ShadowManagerTest {
  private static final String SHOP =
      """
      version: 1
      network:
        name: shop
        provisioner: netns
        attach: { port: servers, interface: shop-net }
        subnets: [{ name: front, prefixes: [10.0.0.0/24] }]
        vms:
          - { name: client, outside: true, nics: [{ subnet: front, addresses: [10.0.0.4] }] }
          - { name: web-1, nics: [{ subnet: front, addresses: [10.0.0.5] }] }
          - { name: web-2, nics: [{ subnet: front, addresses: [10.0.0.6] }] }
        services: [{ name: web, vms: [web-1, web-2], port: 80, command: [/bin/web] }]
      shadow:
        name: shop-shadow
        services: { web: { feed: sessions } }
      """;
  private static final List<String> SHADOW =
      List.of(
          "shop-shadow/agent/feed",
          "shop-shadow/network/shop-shadow",
          "shop-shadow/service/web.web-1",
          "shop-shadow/service/web.web-2",
          "shop-shadow/vm/web-1",
          "shop-shadow/vm/web-2");

  @TempDir private Path folder;
  private final MemoryProvisioner provisioner = new MemoryProvisioner();
  private final MemoryMirrors mirrors = new MemoryMirrors();
  private ConfigStore store;
  private ShadowManager manager;

  @BeforeEach
  void start() {
    start(Settings.DEFAULT);
  }

  private void start(final Settings settings) {
    store = MvConfigStore.open(folder.resolve("store"));
    manager =
        new ShadowManager(
            store, new Planner("/journal", "/run/p"), List.of(provisioner), mirrors, settings);
    manager.start();
  }

  @AfterEach
  void stop() {
    manager.close();
    store.close();
  }

  private void restart() {
    stop();
    start();
  }

  @Test
  void createsANetworkAndItsShadowAndThenHasNothingToDo() {
    final Report planned = manager.apply("t", SHOP, true).join();
    assertThat(provisioner.items("shop")).isEmpty();
    assertThat(store.list("")).isEmpty();
    final Report report = manager.apply("t", SHOP, false).join();
    assertThat(report.settled()).isTrue();
    assertThat(report.changes()).isEqualTo(planned.changes()).hasSize(12);
    assertThat(report.changes()).allMatch(change -> change.action() == Action.CREATE);
    assertThat(report.changes().getLast().what()).startsWith("rule shadow_shop-shadow_web");
    assertThat(provisioner.items("shop-shadow")).isEqualTo(SHADOW);
    assertThat(provisioner.takeSteps().stream().map(step -> step.key().kind()).distinct())
        .containsExactly(
            ItemKey.Kind.NETWORK, ItemKey.Kind.VM, ItemKey.Kind.SERVICE, ItemKey.Kind.AGENT);
    final Report again = manager.apply("t", SHOP, false).join();
    assertThat(again.changes()).isEmpty();
    assertThat(again.revision()).isEqualTo(report.revision());
    assertThat(provisioner.takeSteps()).isEmpty();
    assertThat(manager.list())
        .singleElement()
        .satisfies(summary -> {
          assertThat(summary.shadow()).isEqualTo("shop-shadow");
          assertThat(summary.state()).isEqualTo(Summary.State.READY);
          assertThat(summary.mirroring()).isTrue();
          assertThat(summary.vms()).isEqualTo(3);
          assertThat(summary.shadowVms()).isEqualTo(2);
        });
  }

  @Test
  void doesTheLeastForAChange() {
    apply(SHOP);
    provisioner.takeSteps();
    final Report report =
        apply(
            SHOP.replace(
                    "  - { name: web-2, nics: [{ subnet: front, addresses: [10.0.0.6] }] }", "")
                .replace("[web-1, web-2]", "[web-1]")
                .replace("[/bin/web]", "[/bin/web, --verbose]"));
    assertThat(report.changes().stream().filter(change -> change.what().startsWith("shop/")))
        .extracting(Change::action, Change::what)
        .containsExactly(
            tuple(Action.DELETE, "shop/service/web.web-2"),
            tuple(Action.DELETE, "shop/vm/web-2"),
            tuple(Action.CHANGE, "shop/vm/web-1"),
            tuple(Action.CHANGE, "shop/service/web.web-1"));
    assertThat(report.changes())
        .filteredOn(change -> change.what().equals("shop/service/web.web-1"))
        .flatExtracting(Change::differences)
        .containsExactly("command has --verbose added");
  }

  @Test
  void pausesResizesAndResumes() {
    apply(SHOP);
    final List<String> rules = mirrors.names();
    assertThat(rules).isNotEmpty();
    assertThat(manager.pause("shop-shadow").join().changes())
        .extracting(Change::action)
        .containsOnly(Action.DELETE);
    assertThat(mirrors.names()).isEmpty();
    restart();
    assertThat(manager.list().getFirst().mirroring()).isFalse();
    provisioner.takeSteps();
    final Report resized = manager.resize("shop", 0.5, null, 10.0).join();
    assertThat(resized.changes())
        .extracting(Change::what)
        .containsExactly("shop-shadow/vm/web-1", "shop-shadow/vm/web-2");
    assertThat(resized.changes().getFirst().differences()).containsExactly("cpus is 0.5, was 1.0");
    assertThat(mirrors.names()).isEmpty();
    assertThat(manager.resume("shop").join().settled()).isTrue();
    assertThat(mirrors.names()).isEqualTo(rules);
    assertThat(manager.history("shop-shadow"))
        .extracting(TemplateVersion::action, TemplateVersion::differences)
        .containsExactly(
            tuple(
                Action.CHANGE,
                List.of("shadow.cpu-factor is 0.5, was 1", "shadow.sampling is 10, was 100")),
            tuple(Action.CREATE, List.of()));
    assertRefused(ShadowException.Reason.INVALID, () -> manager.resize("shop", 4.5, null, null));
    assertRefused(ShadowException.Reason.INVALID, () -> manager.resize("shop", null, null, null));
    assertRefused(
        ShadowException.Reason.INVALID, () -> manager.resize("shop", Double.NaN, null, null));
  }

  @Test
  void deletesTheShadowAloneOrEverything() {
    apply(SHOP);
    manager.delete("shop-shadow").join();
    assertThat(provisioner.items("shop-shadow")).isEmpty();
    assertThat(provisioner.items("shop")).hasSize(5);
    assertThat(mirrors.names()).isEmpty();
    assertRefused(ShadowException.Reason.NOT_FOUND, () -> manager.pause("shop-shadow"));
    apply(SHOP);
    assertThat(provisioner.items("shop-shadow")).isEqualTo(SHADOW);
    provisioner.takeSteps();
    assertThat(manager.delete("shop").join().settled()).isTrue();
    assertThat(provisioner.items("shop")).isEmpty();
    assertThat(provisioner.items("shop-shadow")).isEmpty();
    assertThat(manager.list()).isEmpty();
    assertThat(store.list("")).allSatisfy((key, value) -> assertThat(key).startsWith("drift/"));
    assertThat(manager.history("shop").getFirst().action()).isEqualTo(Action.DELETE);
    assertRefused(ShadowException.Reason.NOT_FOUND, () -> manager.delete("shop"));
  }

  @Test
  void bringsBackWhatIsChangedBehindItsBackAndReportsIt() {
    apply(SHOP);
    provisioner.remove("shop-shadow", "shop-shadow/vm/web-1");
    final VmItem vm = provisionedVm("shop", "web-2");
    provisioner.set(
        new Observed(vm.key(), vm, List.of("address 10.0.0.6/24 of eth0 is missing"), true));
    provisioner.set(
        new Observed(new ItemKey("shop", ItemKey.Kind.VM, "stray"), null, List.of(), true));
    final Drift drift = manager.drift("shop").join();
    assertThat(drift.differences())
        .contains(
            new Drift.Difference(Drift.Side.SHADOW, "shop-shadow/vm/web-1", "is missing"),
            new Drift.Difference(
                Drift.Side.PRODUCTION, "shop/vm/web-2", "address 10.0.0.6/24 of eth0 is missing"),
            new Drift.Difference(
                Drift.Side.PRODUCTION,
                "shop/vm/stray",
                "is there, which the template does not have"),
            new Drift.Difference(Drift.Side.DESIGN, "client", "is outside, and stood in for"));
    provisioner.takeSteps();
    provisioner.tell("shop-shadow");
    until(() -> manager.drift("shop").join().events().size() == 1);
    assertThat(manager.drift("shop").join().events().getFirst().sentences())
        .containsExactlyInAnyOrder(
            "shop-shadow/vm/web-1 was gone",
            "shop/vm/web-2: address 10.0.0.6/24 of eth0 is missing",
            "shop/vm/stray was there, which the template does not have");
    until(() -> provisioner.items("shop-shadow").equals(SHADOW));
    until(() -> !provisioner.items("shop").contains("shop/vm/stray"));
    provisioner.tell("shop");
    assertThat(apply(SHOP).changes()).isEmpty();
    assertThat(manager.describe("shop").join().events()).hasSize(1);
  }

  @Test
  void reportsWhatFailsOnceAndTriesAgain() {
    stop();
    start(new Settings(Duration.ofHours(1), Duration.ofMillis(1), 2));
    provisioner.failing = step -> step.key().name().equals("web.web-1");
    final Report report = apply(SHOP);
    assertThat(report.settled()).isFalse();
    assertThat(report.changes())
        .filteredOn(change -> !change.problem().isEmpty())
        .extracting(Change::what, Change::problem)
        .containsExactly(
            tuple("shop/service/web.web-1", "it does not work"),
            tuple("shop-shadow/service/web.web-1", "it does not work"));
    assertThat(manager.list().getFirst().state()).isEqualTo(Summary.State.DEGRADED);
    assertThat(manager.list().getFirst().problem())
        .isEqualTo("shop/service/web.web-1: it does not work");
    provisioner.failing = step -> false;
    until(() -> manager.list().getFirst().state() == Summary.State.READY);
    assertThat(provisioner.items("shop-shadow")).isEqualTo(SHADOW);
    assertThat(manager.describe("shop").join().events()).isEmpty();
  }

  @Test
  void waitsForADataPlaneAndForAProvisionerThatAreAway() {
    mirrors.leave();
    final Report report = apply(SHOP);
    assertThat(report.settled()).isTrue();
    assertThat(report.waiting()).containsExactly("the mirror rules wait for the data plane");
    mirrors.attach();
    until(() -> !mirrors.names().isEmpty());
    provisioner.away = true;
    assertThat(manager.delete("shop").join().problems())
        .hasSize(2)
        .allMatch(problem -> problem.contains("start the provisioner"));
    assertThat(mirrors.names()).isEmpty();
    assertThat(manager.list().getFirst().state()).isEqualTo(Summary.State.DELETING);
    provisioner.away = false;
    restart();
    until(() -> manager.list().isEmpty());
    assertThat(provisioner.items("shop")).isEmpty();
  }

  @Test
  void finishesAfterACrashAtAnyStep() {
    final long seed = System.nanoTime();
    System.out.println("seed " + seed);
    final Random random = new Random(seed);
    final String smaller =
        SHOP.replace("  - { name: web-2, nics: [{ subnet: front, addresses: [10.0.0.6] }] }", "")
            .replace("[web-1, web-2]", "[web-1]");
    for (int i = 0; i < 30; i++) {
      provisioner.stepsUntilKilled.set(random.nextInt(12));
      final String template = random.nextBoolean() ? SHOP : smaller;
      final boolean delete = i > 0 && random.nextInt(3) == 0 && !manager.list().isEmpty();
      assertKilledOrDone(delete ? manager.delete("shop") : manager.apply("t", template, false));
      provisioner.stepsUntilKilled.set(Integer.MAX_VALUE);
      restart();
      if (delete) {
        until(() -> manager.list().isEmpty());
        assertThat(provisioner.items("shop")).isEmpty();
        assertThat(provisioner.items("shop-shadow")).isEmpty();
      } else {
        until(() -> manager.list().getFirst().state() == Summary.State.READY);
        assertThat(provisioner.items("shop-shadow")).hasSize(template.equals(SHOP) ? 6 : 4);
        assertThat(manager.describe("shop").join().events()).isEmpty();
        assertThat(apply(template).changes()).isEmpty();
      }
    }
  }

  @Test
  void answersEachOfTwoCallersOfOneNetwork() throws Exception {
    apply(SHOP);
    final CountDownLatch go = new CountDownLatch(1);
    provisioner.before =
        () -> {
          try {
            assertThat(go.await(20, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    final CompletableFuture<Report> first =
        manager.apply("t", SHOP.replace("/bin/web", "/bin/one"), false);
    final CompletableFuture<Report> second =
        manager.apply("t", SHOP.replace("/bin/web", "/bin/two"), false);
    final String other = SHOP.replace("shop", "bar").replace("feed: sessions", "feed: none");
    assertThat(manager.describe("shop").join().items()).isNotEmpty();
    go.countDown();
    assertThat(first.join().changes().getFirst().differences())
        .containsExactly("command lacks /bin/web", "command has /bin/one added");
    assertThat(second.join().changes().getFirst().differences())
        .containsExactly("command lacks /bin/one", "command has /bin/two added");
    assertThat(second.join().revision()).isGreaterThan(first.join().revision());
    assertThat(apply(other).network()).isEqualTo("bar");
    assertThat(manager.list()).extracting(Summary::network).containsExactly("bar", "shop");
  }

  @Test
  void refusesNamesOfOthersAndProvisionersThatAreNotThere() {
    apply(SHOP);
    final String thief = SHOP.replace("name: shop\n", "name: thief\n");
    assertRefused(ShadowException.Reason.TAKEN, () -> manager.apply("t", thief, false));
    assertRefused(ShadowException.Reason.TAKEN, () -> manager.apply("t", thief, true));
    assertRefused(
        ShadowException.Reason.NOT_SET_UP,
        () ->
            manager.apply("t", SHOP.replace("provisioner: netns", "provisioner: external"), false));
    assertRefused(
        ShadowException.Reason.INVALID, () -> manager.apply("t", "version: 1\nnetwork: 7", false));
    assertThat(manager.list()).extracting(Summary::network).containsExactly("shop");
    assertThat(manager.history("shop")).hasSize(1);
  }

  @Test
  void answersWhatATemplateWasBefore() {
    apply(SHOP);
    final long then = manager.history("shop").getFirst().atNs();
    apply(SHOP.replace("port: 80,", "port: 81,"));
    assertThat(manager.templateAt("shop", then)).contains("port: 80");
    assertThat(manager.templateAt("shop-shadow", Long.MAX_VALUE)).contains("port: 81");
    final long first = manager.history("shop").getLast().revision();
    assertThat(manager.templateOf("shop", first)).contains("port: 80");
    assertThat(apply(manager.templateOf("shop", first)).settled()).isTrue();
    assertThat(apply(SHOP).changes()).isEmpty();
    assertRefused(
        ShadowException.Reason.NOT_FOUND,
        () -> CompletableFuture.completedFuture(manager.templateAt("shop", 1)));
    assertRefused(
        ShadowException.Reason.NOT_FOUND,
        () -> CompletableFuture.completedFuture(manager.templateOf("shop", 999)));
  }

  private Report apply(final String template) {
    return manager.apply("t", template, false).join();
  }

  private VmItem provisionedVm(final String network, final String vm) {
    return provisioner.takeSteps().stream()
        .filter(Step.Put.class::isInstance)
        .map(step -> ((Step.Put) step).item())
        .filter(VmItem.class::isInstance)
        .map(VmItem.class::cast)
        .filter(item -> item.network().equals(network) && item.vm().equals(vm))
        .findFirst()
        .orElseThrow();
  }

  private static void assertKilledOrDone(final CompletableFuture<Report> result) {
    try {
      result.join();
    } catch (CompletionException e) {
      assertThat(e).hasCauseInstanceOf(Killed.class);
    }
  }

  private static void assertRefused(
      final ShadowException.Reason reason, final Callable<CompletableFuture<?>> call) {
    assertThatThrownBy(
            () -> {
              try {
                call.call().join();
              } catch (CompletionException e) {
                throw e.getCause();
              }
            })
        .isInstanceOfSatisfying(
            ShadowException.class, thrown -> assertThat(thrown.reason()).isEqualTo(reason));
  }

  private static void until(final BooleanSupplier condition) {
    final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("the condition came true within 20 s").isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
  }
}
