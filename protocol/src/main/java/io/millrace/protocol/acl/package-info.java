/** Access control lists, with the semantics of Kafka's ACLs: the same for all protocols. */
@NullMarked
package io.millrace.protocol.acl;

import org.jspecify.annotations.NullMarked;
