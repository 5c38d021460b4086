"""Numbers of parcels through time: questions, costs, jobs, comparison, and registered areas."""
