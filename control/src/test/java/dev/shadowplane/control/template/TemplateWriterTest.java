package dev.shadowplane.control.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is written is read as the same template, and equal templates are written equally. */
class TemplateWriterTest {
  @Test
  void shouldWriteWhatIsReadAsTheSame() throws TemplateException {
    final long seed = System.nanoTime();
    System.out.println("seed " + seed);
    final Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      final Template template = new RandomTemplate(random).template();
      final String json = TemplateWriter.json(template);
      final String yaml = TemplateWriter.yaml(template);
      assertThat(TemplateReader.read("json", json)).as("seed %d, %d", seed, i).isEqualTo(template);
      assertThat(TemplateReader.read("yaml", yaml)).as("seed %d, %d", seed, i).isEqualTo(template);
      assertThat(TemplateWriter.yaml(TemplateReader.read("json", json))).isEqualTo(yaml);
      assertThat(json).doesNotContain("\n");
    }
  }

  @Test
  void shouldWriteForPeople() throws TemplateException {
    final String text =
        """
        version: 1
        network:
          name: shop
          provisioner: none
          vm-types:
          - {name: small, cpus: 0.5, memory: 1536M, bandwidth: 10G, price-per-hour: 0}
          subnets:
          - name: front
            prefixes: [10.0.0.0/24]
            gateways: [10.0.0.1]
          security-groups:
          - name: open
            ingress:
            - {protocol: any}
          vms:
          - name: web-1
            type: small
            outside: false
            nics:
            - name: eth0
              subnet: front
              mac: 02:00:00:00:00:01
              addresses: [10.0.0.5]
              security-groups: [open]
        shadow_enabled: false
        """;
    assertThat(TemplateWriter.yaml(TemplateReader.read("t", text))).isEqualTo(text);
  }
}
