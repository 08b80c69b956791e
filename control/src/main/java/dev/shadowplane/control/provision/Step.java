package dev.shadowplane.control.provision;

/** One thing that a provisioner is to do. Doing it twice is the same as doing it once. */
public sealed interface Step {
  /** The item that it is about. */
  ItemKey key();

  /**
   * Brings an item about, or makes it what it ought to be.
   *
   * @param item the item.
   */
  record Put(Item item) implements Step {
    @Override
    public ItemKey key() {
      return item.key();
    }
  }

  /**
   * Removes an item and everything of it.
   *
   * @param key the item; that there is none is no error.
   */
  record Delete(ItemKey key) implements Step {}
}
