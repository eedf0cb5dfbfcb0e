package io.millrace.group;

/**
 * Decides which topics the members of groups may read. Called on the event loop of the metadata.
 * Never blocks.
 */
public interface TopicAccess {

    /** All members may read all topics. */
    TopicAccess ALL =
            new TopicAccess() {
                @Override
                public boolean mayRead(MemberOrigin member, String topic) {
                    return true;
                }

                @Override
                public Object version() {
                    return this;
                }
            };

    boolean mayRead(MemberOrigin member, String topic);

    /**
     * Returns an object that is replaced whenever decisions may have changed. Compared by identity.
     */
    Object version();
}
