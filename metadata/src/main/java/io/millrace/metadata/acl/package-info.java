/** Access control lists: who may do what to which resources, with the semantics of Kafka's ACLs. */
@NullMarked
package io.millrace.metadata.acl;

import org.jspecify.annotations.NullMarked;
