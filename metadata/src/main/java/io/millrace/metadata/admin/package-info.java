/** Administration of topics, for every protocol that offers it. */
@NullMarked
package io.millrace.metadata.admin;

import org.jspecify.annotations.NullMarked;
