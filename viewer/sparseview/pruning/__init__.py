"""How zeros are chosen: methods, and the plan of one prune."""
