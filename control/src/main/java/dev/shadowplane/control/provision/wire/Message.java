package dev.shadowplane.control.provision.wire;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.Observed;
import dev.shadowplane.control.provision.Step;
import dev.shadowplane.control.provision.Usage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is sent over the socket. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "message")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Message.Observe.class, name = "observe"),
  @JsonSubTypes.Type(value = Message.CarryOut.class, name = "carry-out"),
  @JsonSubTypes.Type(value = Message.AskUsage.class, name = "usage"),
  @JsonSubTypes.Type(value = Message.Scrape.class, name = "scrape"),
  @JsonSubTypes.Type(value = Message.Watch.class, name = "watch"),
  @JsonSubTypes.Type(value = Message.Found.class, name = "found"),
  @JsonSubTypes.Type(value = Message.Done.class, name = "done"),
  @JsonSubTypes.Type(value = Message.Failed.class, name = "failed"),
  @JsonSubTypes.Type(value = Message.Finished.class, name = "finished"),
  @JsonSubTypes.Type(value = Message.Used.class, name = "used"),
  @JsonSubTypes.Type(value = Message.Scraped.class, name = "scraped"),
  @JsonSubTypes.Type(value = Message.Changed.class, name = "changed"),
  @JsonSubTypes.Type(value = Message.Refused.class, name = "refused")
})
sealed interface Message {
  /** Asks what is there; answered by {@link Found}. */
  record Observe(String network) implements Message {}

  /** Asks for steps; answered by {@link Done} and {@link Failed}, and {@link Finished} at last. */
  record CarryOut(String network, List<Step> steps) implements Message {
    /** Copies the list. */
    public CarryOut {
      steps = List.copyOf(steps);
    }
  }

  /** Asks what is used; answered by {@link Used}. */
  record AskUsage(String network) implements Message {}

  /** Asks what a service tells of itself; answered by {@link Scraped}. */
  record Scrape(ItemKey service, String path) implements Message {}

  /** Asks to be told of changes; answered by {@link Changed} until the connection ends. */
  record Watch() implements Message {}

  /** What is there. */
  record Found(List<Observed> observed) implements Message {
    /** Copies the list. */
    public Found {
      observed = List.copyOf(observed);
    }
  }

  /** A step is done. */
  record Done(ItemKey key) implements Message {}

  /** A step failed. */
  record Failed(ItemKey key, String reason) implements Message {}

  /** Every step was told of. */
  record Finished() implements Message {}

  /** What is used. */
  record Used(List<Usage> usage) implements Message {
    /** Copies the list. */
    public Used {
      usage = List.copyOf(usage);
    }
  }

  /** What a service tells of itself; null if this provisioner reaches none. */
  record Scraped(@Nullable String text) implements Message {}

  /** Somebody changed something of a network; an empty name is a sign of life. */
  record Changed(String network) implements Message {}

  /** The request was not carried out. */
  record Refused(String reason) implements Message {}
}
