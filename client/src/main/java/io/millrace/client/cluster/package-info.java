/** Discovery of nodes, their health, and the choice of a node for each request. */
@NullMarked
package io.millrace.client.cluster;

import org.jspecify.annotations.NullMarked;
